// The map: features of the hub's own API, drawn on a plain ground. Nothing is asked of other hosts.

const frame = document.getElementById("map-frame");
const { library, worker, features, label } = frame.dataset;
const drawn = frame.dataset.drawn.split(" ").filter(Boolean);
let chosen = frame.dataset.chosen;

/** Collections that are too large to be loaded whole: from which zoom, and with which properties. */
const NEAR = {
  buildings: [12, "building_height_m,building_code"],
  places: [13, "geo_entity_name,geo_entity_class"],
  components: [14, "component_name"],
  cameras: [13, "device_name"],
};
const GRID_FIELDS = "grid_code,grid_name,grid_type";
/** Unit grids of the city's managers are another sort of grid, without people. */
const UNIT_GRID = "4";
const FOOTPRINT = "07";
const AREA = "02";
const PAGES = 3;
const EMPTY = { type: "FeatureCollection", features: [] };
const INK = "#0b1c2c";

const only = (code) => ["==", ["get", "grid_code"], code];
const circle = (id, colour, radius) => ({
  id,
  source: id,
  type: "circle",
  filter: ["==", ["geometry-type"], "Point"],
  paint: {
    "circle-color": colour,
    "circle-radius": radius,
    "circle-stroke-width": 1.5,
    "circle-stroke-color": "#fff",
  },
});
const text = (id, field, size) => ({
  id: `${id}-names`,
  source: id,
  type: "symbol",
  layout: {
    "text-field": ["to-string", ["get", field]],
    "text-font": ["sans-serif"],
    "text-size": size,
    "text-offset": id === "grids" ? [0, 0] : [0, 1.1],
  },
  paint: { "text-color": INK, "text-halo-color": "#fff", "text-halo-width": 1.5 },
});
const LAYERS = {
  grids: [
    {
      id: "grids",
      source: "grids",
      type: "fill",
      paint: { "fill-color": "#0b4f9c", "fill-opacity": 0.12 },
    },
    {
      id: "grids-lines",
      source: "grids",
      type: "line",
      paint: { "line-color": "#0b4f9c", "line-width": 1.5 },
    },
    {
      id: "grids-chosen",
      source: "grids",
      type: "line",
      filter: only(chosen),
      paint: { "line-color": INK, "line-width": 5 },
    },
  ],
  buildings: [
    {
      id: "buildings",
      source: "buildings",
      type: "fill-extrusion",
      filter: ["!=", ["geometry-type"], "Point"],
      paint: {
        "fill-extrusion-color": "#c9a66b",
        "fill-extrusion-height": ["coalesce", ["get", "building_height_m"], 3],
        "fill-extrusion-opacity": 0.9,
      },
    },
  ],
  places: [circle("places", "#0b5d34", 5), { ...text("places", "geo_entity_name", 12), minzoom: 15 }],
  components: [circle("components", "#7a4100", 4)],
  cameras: [circle("cameras", "#a4141c", 6)],
};

/** Ask for features page by page; tell whether there are more than were asked for. */
async function collected(collection, asked) {
  const found = [];
  let address = `${features}/${collection}/items?${new URLSearchParams({ limit: 1000, ...asked })}`;
  for (let page = 0; address && page < PAGES; page += 1) {
    const answered = await fetch(address, { headers: { Accept: "application/geo+json" } });
    if (!answered.ok) throw new Error(collection);
    const said = await answered.json();
    found.push(...said.features.filter((one) => one.geometry));
    const next = said.links.find((one) => one.rel === "next");
    // As this page reached the hub, whatever the hub calls itself.
    address = next && new URL(next.href).pathname + new URL(next.href).search;
  }
  return { found, more: Boolean(address) };
}

/** All pairs of numbers of a geometry. */
const corners = (part) => (typeof part[0] === "number" ? [part] : part.flatMap(corners));

function bounds(shapes) {
  const all = shapes.flatMap((one) => corners(one.geometry.coordinates));
  const ends = (axis) => all.map((corner) => corner[axis]).reduce(
    ([least, most], one) => [Math.min(least, one), Math.max(most, one)],
    [Infinity, -Infinity],
  );
  const [[west, east], [south, north]] = [ends(0), ends(1)];
  return [[west, south], [east, north]];
}

async function start() {
  const { Map, setWorkerUrl } = await import(library);
  setWorkerUrl(worker);
  frame.hidden = false;
  const map = new Map({
    container: "map",
    attributionControl: false,
    fadeDuration: 0,
    minZoom: 8,
    locale: { "Map.Title": label },
    style: {
      version: 8,
      sources: Object.fromEntries(drawn.map((one) => [one, { type: "geojson", data: EMPTY }])),
      layers: [
        { id: "ground", type: "background", paint: { "background-color": "#eef1ea" } },
        ...drawn.flatMap((one) => LAYERS[one]),
        // Names lie over everything.
        ...(drawn.includes("grids") ? [{ ...text("grids", "grid_name", 13), minzoom: 12.5 }] : []),
      ],
    },
  });
  map.getCanvas().setAttribute("aria-describedby", "map-help");
  await map.once("load");
  const grids = await collected("grids", { properties: GRID_FIELDS });
  const shapes = grids.found.filter((one) => one.properties.grid_type !== UNIT_GRID);
  map.getSource("grids")?.setData({ ...EMPTY, features: shapes });
  look(map, shapes);
  wire(map, shapes);
  await fill(map);
  frame.dataset.ready = "true";
}

/** Show the grid that was chosen, else those of the list, else all. */
function look(map, shapes) {
  const listed = new Set([...document.querySelectorAll("th a")].map((one) => one.pathname.split("/").pop()));
  const code = (one) => one.properties.grid_code;
  const wanted = [(one) => code(one) === chosen, (one) => listed.has(code(one)), () => true];
  const shown = wanted.map((fits) => shapes.filter(fits)).find((some) => some.length);
  if (shown) map.fitBounds(bounds(shown), { padding: 40, animate: false, maxZoom: 16 });
}

function wire(map, shapes) {
  map.on("moveend", () => waitedFor(frame, fill(map)).catch(() => {}));
  map.on("movestart", () => delete frame.dataset.still);
  map.on("idle", () => (frame.dataset.still = "true"));
  map.on("click", "grids", (event) => choose(map, event.features[0].properties.grid_code));
  for (const box of frame.querySelectorAll(".map-layers input")) {
    box.addEventListener("change", () => {
      const layers = map.getStyle().layers.filter((one) => one.source === box.value);
      for (const { id } of layers) {
        map.setLayoutProperty(id, "visibility", box.checked ? "visible" : "none");
      }
    });
  }
  for (const button of frame.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => map.zoomTo(map.getZoom() + Number(button.dataset.zoom), { animate: false }));
  }
  frame.querySelector("[data-tilt]").addEventListener("click", () => {
    map.jumpTo(map.getPitch() ? { pitch: 0, bearing: 0 } : { pitch: 55, bearing: -20 });
  });
  for (const link of document.querySelectorAll("th a")) {
    link.addEventListener("click", (event) => {
      const code = link.pathname.split("/").pop();
      const shape = shapes.find((one) => one.properties.grid_code === code);
      if (!shape || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      map.fitBounds(bounds([shape]), { padding: 40, animate: false, maxZoom: 16 });
      document.getElementById("map").scrollIntoView();
      choose(map, code);
    });
  }
}

let filling = 0;

/** Load what is large, as far as it is near enough to be seen. */
async function fill(map) {
  const turn = (filling += 1);
  const box = map.getBounds().toArray().flat().map((one) => one.toFixed(5)).join(",");
  const near = Object.entries(NEAR).filter(([one, [zoom]]) => drawn.includes(one) && map.getZoom() >= zoom);
  const parts = await Promise.all(
    near.map(async ([one, [, properties]]) => [one, await collected(one, { bbox: box, properties })]),
  );
  if (turn !== filling) return;
  for (const [one, { found }] of parts) {
    const shown = one === "places"
      ? found.filter((place) => ![FOOTPRINT, AREA].includes(place.properties.geo_entity_class))
      : found;
    map.getSource(one).setData({ ...EMPTY, features: shown });
  }
  document.getElementById("map-part").hidden = !parts.some(([, { more }]) => more);
}

/** Show the numbers of a grid beside the map, as the page of the grid has them. */
async function choose(map, code) {
  chosen = code;
  map.setFilter("grids-chosen", only(code));
  const path = `/console/map/${encodeURIComponent(code)}`;
  const grid = document.getElementById("grid");
  const asked = fetch(path, { headers: { "HX-Request": "true" } });
  const answered = await waitedFor(grid, asked).catch(() => null);
  if (answered?.ok) grid.innerHTML = await answered.text();
  // Only a whole page can say why not; of a hub that is away, states.js has told.
  else if (answered) window.location.assign(path);
}

waitedFor(frame, start()).catch(() => {
  frame.hidden = true;
  document.getElementById("map-failed").hidden = false;
});
