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

// What it needs is named in the head of the page, so that it is on its way before the page is read to its end.
async function start() {
  const [maplibre, data] = await Promise.all([
    import("../vendor/maplibre-gl/maplibre-gl.mjs").then((library) => {
      library.prewarm(); // its worker starts while the data comes
      return library;
    }),
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
    addSwitch(map, heart, whole);
  }
  const pins = new Map(data.spots.map((spot) => [spot.id, pin(spot)]));
  for (const spot of data.spots) {
    new maplibre.Marker({ element: pins.get(spot.id) }).setLngLat([spot.lon, spot.lat]).addTo(map);
  }
  map.once("idle", () => {
    link(map, data, pins);
    box.dataset.ready = "true";
    if (box.classList.contains("crowded")) spread(map);
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

// Marks are small where there are many, until somebody looks closer.
function spread(map) {
  const close = map.getZoom() + 2;
  map.on("zoom", () => box.classList.toggle("crowded", map.getZoom() < close));
}

// A button above the map, where it hides no mark, that shows the whole region, and again its heart.
function addSwitch(map, heart, whole) {
  const views = [heart, whole];
  let at = 0;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet map-switch";
  button.textContent = box.dataset.whole;
  button.addEventListener("click", () => {
    at = 1 - at;
    button.textContent = at ? box.dataset.heart : box.dataset.whole;
    map.fitBounds(views[at], { padding: at ? 24 : 8 });
  });
  box.before(button);
}

function pin(spot) {
  const mark = document.createElement(spot.link ? "a" : "div");
  const shaded = spot.level !== undefined;
  mark.className = `pin${spot.link ? "" : " hub"}${shaded ? ` shade shade-${spot.level}` : spot.lots ? "" : " idle"}`;
  mark.title = spot.number ? `${spot.number} ${spot.told || spot.name}` : spot.name;
  mark.setAttribute("aria-label", mark.title);
  if (spot.link) mark.href = spot.link;
  else mark.setAttribute("role", "img");
  const number = document.createElement("span");
  number.textContent = spot.number || "";
  mark.append(number);
  // its style sheet writes it below the mark; the mark's name says the same in words
  if (spot.label) mark.dataset.label = spot.label;
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
      areas: { type: "geojson", data: drawn(data.areas, ["id", "level"]) },
      flows: { type: "geojson", data: drawn(data.flows, ["id", "kind", "quantity"]) },
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
      { id: "chosen-area", type: "line", source: "areas", filter: ["==", ["get", "id"], ""], paint: { "line-color": colour("accent"), "line-width": 4 } },
      { id: "chosen-edge", type: "line", source: "flows", filter: ["in", ["get", "id"], ["literal", []]], paint: { "line-color": colour("sheet"), "line-width": 9 } },
      { id: "chosen", type: "line", source: "flows", filter: ["in", ["get", "id"], ["literal", []]], paint: { "line-color": colour("accent"), "line-width": 5 } },
    ],
  };
}

// What a layer of the map is drawn from: words and addresses stay here, the worker that cuts tiles needs none of them.
function drawn(layer, names) {
  const features = layer.features.map(({ type, geometry, properties }) => ({
    type, geometry, properties: Object.fromEntries(names.map((name) => [name, properties[name]])),
  }));
  return { type: layer.type, features };
}

// One thing is chosen at a time: a lot, a workshop, a neighbourhood, a district, or a line of the map. It is marked on the map, in the
// table and in the lists beside the map, and stands in the address, so that it can be sent to somebody. Escape lets go.
function link(map, data, pins) {
  const flows = data.flows.features.map((feature) => feature.properties);
  const spots = new Map(data.spots.map((spot) => [spot.id, spot]));
  const areas = new Map(data.areas.features.map((feature) => [feature.properties.id, feature.properties]));
  const items = [...rows, ...document.querySelectorAll("[data-workshop], tr[data-place]:not([data-lot]), tr[data-district]:not([data-lot])")];
  let chosen = { kind: "", id: "" };

  function flowsOf({ kind, id }) {
    if (kind === "flow") return flows.filter((flow) => flow.id === id);
    if (kind === "lot") return flows.filter((flow) => flow.lots.includes(id));
    if (kind === "district") return flows.filter((flow) => flow.districts.includes(id));
    return kind ? flows.filter((flow) => flow.from === id || flow.to === id) : [];
  }

  function isChosen(item, ids) {
    const { lot, place, district, workshop, workshops, flows: ways } = item.dataset;
    const { kind, id } = chosen;
    if (kind === "flow") return lot !== undefined && (ways || "").split(" ").some((way) => ids.includes(way));
    if (kind === "lot") return lot === id;
    if (kind === "place") return place === id;
    if (kind === "district") return district === id;
    return kind === "workshop" && (workshop === id || (workshops || "").split(" ").includes(id));
  }

  function paint() {
    const ids = flowsOf(chosen).map((flow) => flow.id);
    for (const layer of ["chosen-edge", "chosen"]) map.setFilter(layer, ["in", ["get", "id"], ["literal", ids]]);
    map.setFilter("chosen-area", ["all", ["==", ["get", "kind"], chosen.kind], ["==", ["get", "id"], chosen.id]]);
    for (const item of items) {
      const mine = isChosen(item, ids);
      item.classList.toggle("chosen", mine);
      if (mine) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    }
    for (const [id, mark] of pins) mark.classList.toggle("chosen", chosen.kind === "workshop" && id === chosen.id);
  }

  function choose(kind, id, lines) {
    chosen = { kind, id };
    paint();
    tell(lines ?? flowsOf(chosen));
    // a line of the map has no name of its own in an address
    const address = new URL(location.href);
    if (kind && kind !== "flow") address.searchParams.set("chosen", `${kind}:${id}`);
    else address.searchParams.delete("chosen");
    history.replaceState(history.state, "", address);
  }

  function tell(lines) {
    panel.replaceChildren(
      ...lines.map(({ told, link: address, open }) => {
        const line = document.createElement("p");
        line.append(`${told}. `, anchor(address, box.dataset.rows));
        if (open) line.append(" ", anchor(open, box.dataset.open));
        return line;
      }),
    );
  }

  function anchor(address, text) {
    const found = document.createElement("a");
    found.href = address;
    found.textContent = text;
    return found;
  }

  function workshopLines(spot) {
    return [{ told: spot.told || spot.name, link: spot.rows, open: spot.link }];
  }

  for (const row of rows) {
    const lot = () => choose("lot", row.dataset.lot);
    row.addEventListener("click", lot);
    row.addEventListener("focusin", lot);
  }
  for (const [id, mark] of pins) {
    const spot = spots.get(id);
    if (!spot.link) continue;
    mark.addEventListener("click", (event) => {
      event.stopPropagation();
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      choose("workshop", id, workshopLines(spot));
    });
  }
  map.on("click", (event) => {
    const { x, y } = event.point;
    const near = [[x - 4, y - 4], [x + 4, y + 4]];
    const [flow] = map.queryRenderedFeatures(near, { layers: ["late", "deliveries", "transfers"] });
    const [area] = map.queryRenderedFeatures(event.point, { layers: ["areas"] });
    if (flow) choose("flow", flow.properties.id);
    else if (area) choose(area.properties.kind, area.properties.id, [areas.get(area.properties.id)]);
    else choose("", "");
    if (flow) rows.find((row) => row.classList.contains("chosen"))?.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") choose("", "");
  });
  map.on("style.load", paint);

  // what the address names is marked by the server already; here the living map follows
  const [kind, ...rest] = (box.dataset.chosen || "").split(":");
  if (kind) {
    chosen = { kind, id: rest.join(":") };
    paint();
  }
}
