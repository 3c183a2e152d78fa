// The living map of a plan. It takes the still map's place only when everything it needs is there;
// without it the page is whole: the still map, the table and its filters do not depend on this file.

const box = document.getElementById("map");
const rows = [...document.querySelectorAll("#allocations tbody tr")];
const panel = document.getElementById("selection");

if (box && hasWebGL()) {
  start().catch((error) => console.warn("The living map stays away:", error.message));
}

function hasWebGL() {
  return document.createElement("canvas").getContext("webgl2") !== null;
}

async function start() {
  const [maplibre, data] = await Promise.all([
    import("../vendor/maplibre-gl/maplibre-gl.mjs"),
    fetch(box.dataset.src).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText)))),
  ]);
  const frame = document.createElement("div");
  frame.className = "map-live";
  box.append(frame);
  const heart = data.heart;
  const whole = boundsOf(data);
  const map = new maplibre.Map({
    container: frame,
    style: style(data),
    bounds: heart,
    fitBoundsOptions: { padding: 8 },
    attributionControl: false,
    cooperativeGestures: true,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    locale: {
      "NavigationControl.ZoomIn": box.dataset.zoomIn,
      "NavigationControl.ZoomOut": box.dataset.zoomOut,
      "Map.Title": box.dataset.label,
      "CooperativeGesturesHandler.WindowsHelpText": box.dataset.scrollHint,
      "CooperativeGesturesHandler.MacHelpText": box.dataset.scrollHint,
      "CooperativeGesturesHandler.MobileHelpText": box.dataset.touchHint,
    },
  });
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibre.ScaleControl({ unit: "metric" }), "bottom-left");
  if (whole.some((edge, side) => (side < 2 ? edge < heart[side] : edge > heart[side]))) {
    map.addControl(new Switch(heart, whole), "top-left");
  }
  for (const spot of data.spots) {
    new maplibre.Marker({ element: pin(spot) }).setLngLat([spot.lon, spot.lat]).addTo(map);
  }
  map.once("idle", () => {
    box.dataset.ready = "true";
    map.resize();
    map.fitBounds(heart, { padding: 8, animate: false });
    link(map, data);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => map.setStyle(style(data)));
}

function boundsOf(data) {
  const points = data.spots.map((spot) => [spot.lon, spot.lat]);
  for (const area of data.areas.features) points.push(...area.geometry.coordinates.flat(2));
  const lons = points.map((point) => point[0]);
  const lats = points.map((point) => point[1]);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

// A button that shows the whole region, and again its heart.
class Switch {
  constructor(heart, whole) {
    this.views = [heart, whole];
    this.at = 0;
  }

  onAdd(map) {
    this.element = document.createElement("button");
    this.element.type = "button";
    this.element.className = "maplibregl-ctrl map-switch";
    this.element.textContent = box.dataset.whole;
    this.element.addEventListener("click", () => {
      this.at = 1 - this.at;
      this.element.textContent = this.at ? box.dataset.heart : box.dataset.whole;
      map.fitBounds(this.views[this.at], { padding: this.at ? 24 : 8 });
    });
    return this.element;
  }

  onRemove() {
    this.element.remove();
  }
}

function pin(spot) {
  const mark = document.createElement(spot.link ? "a" : "div");
  mark.className = `pin${spot.link ? "" : " hub"}${spot.lots ? "" : " idle"}`;
  mark.title = spot.number ? `${spot.number} ${spot.name}` : spot.name;
  mark.setAttribute("aria-label", mark.title);
  if (spot.link) mark.href = spot.link;
  else mark.setAttribute("role", "img");
  const number = document.createElement("span");
  number.textContent = spot.number || "";
  mark.append(number);
  return mark;
}

function style(data) {
  const colours = getComputedStyle(document.documentElement);
  const colour = (name) => colours.getPropertyValue(`--${name}`).trim();
  const width = ["min", 4, ["*", 0.5, ["^", ["max", 1, ["get", "quantity"]], 0.25]]];
  const flows = (id, kind, paint) => ({
    id, type: "line", source: "flows", filter: ["==", ["get", "kind"], kind], layout: { "line-cap": "round" }, paint,
  });
  return {
    version: 8,
    sources: {
      areas: { type: "geojson", data: data.areas },
      flows: { type: "geojson", data: data.flows },
    },
    layers: [
      { id: "paper", type: "background", paint: { "background-color": colour("sheet") } },
      {
        id: "areas", type: "fill", source: "areas",
        paint: { "fill-color": ["match", ["get", "level"], ...[1, 2, 3, 4, 5].flatMap((n) => [n, colour(`l${n}`)]), colour("l0")] },
      },
      { id: "borders", type: "line", source: "areas", paint: { "line-color": colour("sheet"), "line-width": 1 } },
      flows("transfers", "transfer", { "line-color": colour("transfer"), "line-width": width, "line-dasharray": [0.5, 2] }),
      flows("deliveries", "delivery", { "line-color": colour("flow"), "line-width": width, "line-opacity": Number(colour("flow-opacity")) }),
      flows("late", "late", { "line-color": colour("flow-late"), "line-width": width, "line-dasharray": [4, 2], "line-opacity": 0.8 }),
      { id: "chosen-edge", type: "line", source: "flows", filter: ["in", ["get", "id"], ["literal", []]], paint: { "line-color": colour("sheet"), "line-width": 9 } },
      { id: "chosen", type: "line", source: "flows", filter: ["in", ["get", "id"], ["literal", []]], paint: { "line-color": colour("accent"), "line-width": 5 } },
    ],
  };
}

// A row and the lines of its ways are chosen together, from either side; Escape lets go.
function link(map, data) {
  const flows = new Map(data.flows.features.map((feature) => [feature.properties.id, feature.properties]));
  let chosen = [];

  function show(ids) {
    chosen = ids.filter((id) => flows.has(id));
    for (const layer of ["chosen-edge", "chosen"]) map.setFilter(layer, ["in", ["get", "id"], ["literal", chosen]]);
    for (const row of rows) {
      const mine = chosen.length > 0 && flowsOf(row).some((id) => chosen.includes(id));
      row.classList.toggle("chosen", mine);
      if (mine) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }

  function tell(entries) {
    panel.replaceChildren(
      ...entries.map(({ told, link: address }) => {
        const line = document.createElement("p");
        line.append(`${told}. `);
        const anchor = document.createElement("a");
        anchor.href = address;
        anchor.textContent = box.dataset.rows;
        line.append(anchor);
        return line;
      }),
    );
  }

  for (const row of rows) {
    const choose = () => {
      show(flowsOf(row));
      tell(chosen.map((id) => flows.get(id)));
    };
    row.addEventListener("click", choose);
    row.addEventListener("focusin", choose);
  }
  map.on("click", (event) => {
    const { x, y } = event.point;
    const near = [[x - 4, y - 4], [x + 4, y + 4]];
    const [flow] = map.queryRenderedFeatures(near, { layers: ["late", "deliveries", "transfers"] });
    const [area] = map.queryRenderedFeatures(event.point, { layers: ["areas"] });
    show(flow ? [flow.properties.id] : []);
    tell(flow ? [flow.properties] : area ? [area.properties] : []);
    if (flow) rows.find((row) => row.classList.contains("chosen"))?.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    show([]);
    tell([]);
  });
  map.on("style.load", () => show(chosen));
}

function flowsOf(row) {
  return row.dataset.flows ? row.dataset.flows.split(" ") : [];
}
