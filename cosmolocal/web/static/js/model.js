// A model in three dimensions. Nothing moves unless the reader moves it, so there is no motion to reduce;
// without this file the page still says how large the model is and of how many triangles.

const box = document.getElementById("model");
//: [radians] one press of an arrow key; closer and farther by this factor
const STEP = Math.PI / 12;
const FACTOR = 1.25;

const ask = box?.querySelector(".model-ask");

if (ask) wait();
else if (box) start().catch((error) => fail(error));

// A large model is read when the reader asks for it.
function wait() {
  const note = box.querySelector(".model-note");
  ask.hidden = false;
  note.hidden = true;
  ask.querySelector("button").addEventListener("click", () => {
    ask.remove();
    note.hidden = false;
    start()
      .then(() => box.querySelector(".model-live").focus())
      .catch((error) => fail(error));
  });
}

function fail(error) {
  console.warn("The model stays away:", error.message);
  box.querySelector(".model-note").textContent = box.dataset.failed;
  box.dataset.failedBecause = error.message;
}

async function start() {
  if (document.createElement("canvas").getContext("webgl2") === null) throw new Error("no WebGL");
  const [three, { OrbitControls }, body] = await Promise.all([
    import("../vendor/three/three.module.min.js"),
    import("../vendor/three/OrbitControls.js"),
    read(),
  ]);
  const ball = new three.Box3().setFromObject(body).getBoundingSphere(new three.Sphere());
  if (!(ball.radius > 0 && Number.isFinite(ball.radius))) throw new Error("the model has no size");
  // in the middle and of size one, so that neither a screw nor a house strains the numbers of the graphics card
  const holder = new three.Group();
  body.position.sub(ball.center);
  holder.add(body);
  holder.scale.setScalar(1 / ball.radius);

  const scene = new three.Scene();
  const camera = new three.PerspectiveCamera(35, 1, 0.01, 100);
  if (box.dataset.form === "stl") camera.up.set(0, 0, 1); // as drawn by CAD programs: z points up
  const light = new three.DirectionalLight(0xffffff, 2.2);
  light.position.set(0.6, 1, 1.4);
  camera.add(light);
  scene.add(holder, camera, new three.HemisphereLight(0xffffff, 0x8a8a85, 1.6));

  const frame = document.createElement("div");
  frame.className = "model-live";
  frame.tabIndex = 0;
  frame.setAttribute("role", "application");
  frame.setAttribute("aria-label", box.dataset.label);
  // the picture is kept after drawing, for print
  const renderer = new three.WebGLRenderer({ antialias: true, alpha: true, preserveDrawingBuffer: true });
  frame.append(renderer.domElement);
  box.prepend(frame);

  const controls = new OrbitControls(camera, renderer.domElement);
  controls.enablePan = false;
  controls.minDistance = 1.1;
  controls.maxDistance = 20;
  const draw = () => renderer.render(scene, camera);
  controls.addEventListener("change", draw);
  const home = () => {
    const side = camera.up.z ? [2, -2.6, 1.7] : [2, 1.7, 2.6];
    camera.position.set(...side).setLength(1.1 / Math.sin((Math.min(1, camera.aspect) * camera.fov * Math.PI) / 360));
    controls.update();
    draw();
  };
  const turn = moves(three, camera, controls, home);

  new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = frame;
    if (!width || !height) return;
    camera.aspect = width / height;
    camera.updateProjectionMatrix();
    renderer.setPixelRatio(Math.min(2, devicePixelRatio));
    renderer.setSize(width, height, false);
    if (box.dataset.ready) draw();
    else {
      home();
      box.dataset.ready = "true";
    }
  }).observe(frame);

  frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !turn(event.key === "=" ? "+" : event.key)) return;
    event.preventDefault();
  });
  // a wheel scrolls the page; with Ctrl, as for the map, it comes closer
  frame.addEventListener("wheel", (event) => event.ctrlKey || event.stopPropagation(), { capture: true });
  const buttons = box.querySelector(".model-buttons");
  buttons.hidden = false;
  buttons.addEventListener("click", (event) => event.target.dataset.do && turn(event.target.dataset.do));
  box.querySelector(".model-note").remove();
}

// What keys and buttons do: returns whether the key means something.
function moves(three, camera, controls, home) {
  const arms = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const zooms = { "+": 1 / FACTOR, "-": FACTOR };
  const upright = new three.Quaternion().setFromUnitVectors(camera.up, new three.Vector3(0, 1, 0));
  return (key) => {
    if (key === "0") home();
    else if (!(key in arms || key in zooms)) return false;
    else {
      const at = new three.Spherical().setFromVector3(camera.position.clone().applyQuaternion(upright));
      const [sideways, down] = arms[key] ?? [0, 0];
      at.theta += sideways * STEP;
      at.phi += down * STEP;
      at.radius = Math.min(controls.maxDistance, Math.max(controls.minDistance, at.radius * (zooms[key] ?? 1)));
      at.makeSafe();
      camera.position.setFromSpherical(at).applyQuaternion(upright.clone().invert());
      controls.update();
    }
    return true;
  };
}

async function read() {
  const answer = await fetch(box.dataset.src);
  if (!answer.ok) throw new Error(answer.statusText);
  const bytes = await answer.arrayBuffer();
  return box.dataset.form === "stl" ? readStl(bytes) : readGltf(bytes);
}

async function readStl(bytes) {
  const [three, { STLLoader }] = await Promise.all([
    import("../vendor/three/three.module.min.js"),
    import("../vendor/three/STLLoader.js"),
  ]);
  const shape = new STLLoader().parse(bytes);
  shape.deleteAttribute("normal"); // many files hold none that fit; the faces give them
  shape.computeVertexNormals();
  return new three.Mesh(shape, new three.MeshStandardMaterial({ color: 0x9fb4b6, roughness: 0.75, side: three.DoubleSide }));
}

async function readGltf(bytes) {
  const { GLTFLoader } = await import("../vendor/three/GLTFLoader.js");
  const read = await new GLTFLoader().parseAsync(bytes, "");
  return read.scene;
}
