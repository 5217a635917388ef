/* The floor plan: an SVG editor in true metres. It draws what the server sent, lets a unit be moved by pointer
   or by arrow keys, shows clashes while it moves, and tells the server where it was put down. The server decides
   whether the place is allowed; this file only draws. Called by callbacks (floor_plan.draw) and by the user. */
(function () {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 960; // px of the drawing where the page does not say yet how wide it is
  const NARROWEST = 820; // px; on a narrow screen the drawing scrolls, so that units stay large enough to touch
  const LETTER = 7.6; // px, mean width of a letter of a unit's name
  const DENSE = 14; // px for each metre below which letters are small
  const SNAP = 0.25; // m
  const FINE = 0.05; // m, with Shift
  const KEY_PAUSE = 450; // ms after the last arrow key before the server is told

  let scene = null; // what is drawn now
  let keyTimer = null;

  function element(name, attributes, parent) {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
    if (parent) parent.appendChild(node);
    return node;
  }

  /* ---------- geometry, in metres with y up, as in the plant file ---------- */

  function corners(unit) {
    const angle = (unit.rotation * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const [w, h] = [unit.size[0] / 2, unit.size[1] / 2];
    return [[-w, -h], [w, -h], [w, h], [-w, h]].map(([x, y]) => [
      unit.center[0] + x * cos - y * sin,
      unit.center[1] + x * sin + y * cos,
    ]);
  }

  function separated(a, b) {
    for (const shape of [a, b]) {
      for (let i = 0; i < shape.length; i++) {
        const [p, q] = [shape[i], shape[(i + 1) % shape.length]];
        const axis = [q[1] - p[1], p[0] - q[0]];
        const span = (points) => {
          const along = points.map(([x, y]) => x * axis[0] + y * axis[1]);
          return [Math.min(...along), Math.max(...along)];
        };
        const [[a0, a1], [b0, b1]] = [span(a), span(b)];
        if (a1 <= b0 + 1e-9 || b1 <= a0 + 1e-9) return true;
      }
    }
    return false;
  }

  function inside([x, y], outline) {
    let within = false;
    for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
      const [[xi, yi], [xj, yj]] = [outline[i], outline[j]];
      const cross = (x - xi) * (yj - yi) - (y - yi) * (xj - xi);
      const onEdge = Math.abs(cross) < 1e-6 && Math.min(xi, xj) - 1e-9 <= x && x <= Math.max(xi, xj) + 1e-9 &&
        Math.min(yi, yj) - 1e-9 <= y && y <= Math.max(yi, yj) + 1e-9;
      if (onEdge) return true;
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) within = !within;
    }
    return within;
  }

  function clashes(units, areas) {
    const shapes = units.map(corners);
    const bad = new Set();
    for (let i = 0; i < units.length; i++) {
      const housed = areas.length === 0 || areas.some((area) => shapes[i].every((p) => inside(p, area.outline)));
      if (!housed) bad.add(units[i].name);
      for (let j = 0; j < i; j++) {
        if (!separated(shapes[i], shapes[j])) bad.add(units[i].name).add(units[j].name);
      }
    }
    return bad;
  }

  /* ---------- drawing ---------- */

  function extent(data) {
    const points = [];
    for (const area of data.areas) points.push(...area.outline);
    for (const line of data.aisles) points.push(...line);
    for (const unit of data.units) points.push(...corners(unit));
    for (const place of data.storages) points.push(place.at);
    if (points.length === 0) return null;
    const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
    const margin = 1;
    return {
      left: Math.min(...xs) - margin, right: Math.max(...xs) + margin,
      bottom: Math.min(...ys) - margin, top: Math.max(...ys) + margin,
    };
  }

  function toDrawing([x, y]) {
    return [(x - scene.extent.left) * scene.scale, (scene.extent.top - y) * scene.scale];
  }

  function pointsOf(list) {
    return list.map((p) => toDrawing(p).map((v) => v.toFixed(2)).join(",")).join(" ");
  }

  function drawGround(svg, data) {
    const ground = element("g", { class: "plan-ground", "aria-hidden": "true" }, svg);
    for (const area of data.areas) {
      const floor = element("polygon", { class: "plan-area", points: pointsOf(area.outline) }, ground);
      element("title", {}, floor).textContent = area.label;
      const [xs, ys] = [0, 1].map((axis) => area.outline.map((p) => p[axis]));
      const [x, y] = toDrawing([Math.min(...xs), Math.max(...ys)]);
      const [right, bottom] = toDrawing([Math.max(...xs), Math.min(...ys)]);
      const label = element("text", { class: "plan-area-name" }, ground);
      const room = { width: right - x, height: bottom - y };
      window.plan_labels.title(label, area.label, area.name, scene.fonts.small, { x, y }, room, scene.titles);
    }
    for (const line of data.aisles) element("polyline", { class: "plan-aisle", points: pointsOf(line) }, ground);
    for (const place of data.storages) {
      const [x, y] = toDrawing(place.at);
      const mark = element("circle", { class: "plan-storage", cx: x, cy: y, r: 9 }, ground);
      element("title", {}, mark).textContent = place.label;
      const label = element("text", { class: "plan-small", "text-anchor": "middle" }, ground);
      scene.storages.push({ label, text: place.label, at: { x, top: y - 9, bottom: y + 9 } });
    }
    drawScaleBar(ground);
  }

  function drawScaleBar(parent) {
    const metres = scene.extent.right - scene.extent.left > 30 ? 5 : 2;
    const [x, y] = toDrawing([scene.extent.left + 1, scene.extent.bottom + 0.45]);
    element("path", { class: "plan-scale", d: `M${x} ${y - 5}v5h${metres * scene.scale}v-5` }, parent);
    const label = element("text", { class: "plan-small", x: x + metres * scene.scale + 8, y: y + 1 }, parent);
    label.textContent = `${metres} m`;
  }

  function drawPatterns(svg, states) {
    const defs = element("defs", {}, svg);
    const marks = {
      "/": "M-2 2l4-4M0 8l8-8M6 10l4-4", "\\": "M-2 6l4 4M0 0l8 8M6-2l4 4", "-": "M0 4h8", "|": "M4 0v8",
      "x": "M0 0l8 8M8 0l-8 8", "+": "M4 0v8M0 4h8", ".": "M3.2 4a.8.8 0 1 0 1.6 0a.8.8 0 1 0-1.6 0",
    };
    for (const state of states) {
      const pattern = element("pattern",
        { id: `plan-fill-${state.name}`, width: 8, height: 8, patternUnits: "userSpaceOnUse" }, defs);
      element("rect", { width: 8, height: 8, fill: state.color }, pattern);
      if (marks[state.pattern]) {
        element("path", { d: marks[state.pattern], fill: "none", stroke: "#fff", "stroke-opacity": 0.75,
          "stroke-width": 1.2 }, pattern);
      }
    }
  }

  function describe(unit) {
    const shares = unit.shares.map((s) => `${s.label} ${s.percent} %`).join(", ");
    return `${unit.label}: x ${unit.center[0].toFixed(2)} m, y ${unit.center[1].toFixed(2)} m` + (shares ? `; ${shares}` : "");
  }

  function drawUnit(layer, unit) {
    const group = element("g", { class: "plan-unit", tabindex: "0", role: "button", "data-unit": unit.name,
      "aria-label": describe(unit), "aria-describedby": "plan-help" }, layer);
    const [w, h] = [unit.size[0] * scene.scale, unit.size[1] * scene.scale];
    const body = element("g", { class: "plan-body" }, group);
    element("rect", { class: "plan-focus", x: -w / 2 - 4, y: -h / 2 - 4, width: w + 8, height: h + 8, rx: 7 }, body);
    element("rect", { class: "plan-box", x: -w / 2, y: -h / 2, width: w, height: h, rx: 3 }, body);
    const bar = Math.min(9, h / 3);
    const gap = Math.min(4, h / 8);
    let x = -w / 2 + gap;
    for (const share of unit.shares) {
      const length = (w - 2 * gap) * share.fraction;
      element("rect", { class: "plan-share", x, y: h / 2 - bar - gap, width: Math.max(length, 0), height: bar,
        fill: `url(#plan-fill-${share.state})` }, body);
      x += length;
    }
    const name = element("text", { class: "plan-name", "text-anchor": "middle" }, group);
    name.textContent = unit.label;
    if (unit.figure) {
      const figure = element("text", { class: "plan-figure", "text-anchor": "middle" }, group);
      figure.textContent = unit.figure;
    }
    element("title", {}, group).textContent = describe(unit);
    return group;
  }

  function roomy(unit) {
    const turned = unit.rotation % 180 !== 0;
    const [w, h] = (turned ? [unit.size[1], unit.size[0]] : unit.size).map((side) => side * scene.scale);
    return h >= 62 && w >= Math.max(unit.label.length, (unit.figure || "").length) * LETTER + 12;
  }

  function place(unit) {
    const group = scene.nodes.get(unit.name);
    const [x, y] = toDrawing(unit.center);
    group.setAttribute("transform", `translate(${x.toFixed(2)} ${y.toFixed(2)})`);
    group.querySelector(".plan-body").setAttribute("transform", `rotate(${-unit.rotation})`);
    group.setAttribute("aria-label", describe(unit));
  }

  function outline(unit) {
    const [xs, ys] = [0, 1].map((axis) => corners(unit).map((p) => toDrawing(p)[axis]));
    return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
  }

  /* Put every name where it covers nothing; units that have room for theirs keep it inside. */
  function nameAll() {
    const { settle } = window.plan_labels;
    const outlines = scene.data.units.map(outline);
    const marks = scene.storages.map(({ at }) => ({ left: at.x - 9, right: at.x + 9, top: at.top, bottom: at.bottom }));
    const taken = [...outlines, ...marks, ...scene.titles];
    const small = scene.fonts.small;
    const wanted = scene.data.units.map((unit, i) => ({ unit, at: { x: (outlines[i].left + outlines[i].right) / 2,
      top: outlines[i].top, bottom: outlines[i].bottom }, group: scene.nodes.get(unit.name) }));
    for (const { unit, at, group } of wanted) {
      const [x, y] = toDrawing(unit.center);
      const name = group.querySelector(".plan-name");
      if (roomy(unit)) {
        name.setAttribute("y", -5);
        group.querySelector(".plan-figure")?.setAttribute("y", 12);
      } else {
        settle(name, unit.label, scene.fonts.name, at, taken, scene.bounds, { x, y });
      }
    }
    for (const { label, text, at } of scene.storages) {
      settle(label, text, small, at, taken, scene.bounds, { x: 0, y: 0 }, ["below", "above"]);
    }
    for (const { unit, at, group } of wanted) {
      const figure = group.querySelector(".plan-figure");
      const [x, y] = toDrawing(unit.center);
      if (figure && !roomy(unit)) {
        const words = unit.figure.replaceAll(" ", "\u00a0"); // never in two lines
        settle(figure, words, small, at, taken, scene.bounds, { x, y }, ["below"]);
      }
    }
  }

  function refresh() {
    const bad = clashes(scene.data.units, scene.data.areas);
    for (const unit of scene.data.units) {
      place(unit);
      scene.nodes.get(unit.name).classList.toggle("is-clashing", bad.has(unit.name));
    }
    nameAll();
    return bad;
  }

  function say(text) {
    const status = document.getElementById("plan-status");
    if (status) status.textContent = text;
  }

  function sayWhere(unit, bad) {
    const where = `${unit.label}: x ${unit.center[0].toFixed(2)} m, y ${unit.center[1].toFixed(2)} m`;
    say(bad.has(unit.name) ? `${where} — clashes with another unit or leaves its area` : where);
  }

  /* ---------- moving ---------- */

  function family(unit) {
    return scene.data.units.filter((other) => other.equipment === unit.equipment);
  }

  function shift(unit, dx, dy) {
    for (const member of family(unit)) {
      member.center = [member.center[0] + dx, member.center[1] + dy].map((v) => Math.round(v * 1000) / 1000);
    }
  }

  function tell(unit) {
    const lead = family(unit)[0];
    window.dash_clientside.set_props("plan-move", { data: { equipment: unit.equipment, at: lead.center, stamp: Date.now() } });
  }

  function metresAt(event) {
    const matrix = scene.svg.getScreenCTM().inverse();
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    return [scene.extent.left + point.x / scene.scale, scene.extent.top - point.y / scene.scale];
  }

  function snapped(value, step) {
    return Math.round(value / step) * step;
  }

  function startDrag(event, unit, group) {
    if (event.button !== 0 || !scene.data.editable) return;
    event.preventDefault();
    group.focus();
    const from = metresAt(event);
    const origin = family(unit).map((member) => [...member.center]);
    const home = [...unit.center];
    let moved = false;

    const move = (e) => {
      const now = metresAt(e);
      const step = e.shiftKey ? FINE : SNAP;
      const target = [snapped(home[0] + now[0] - from[0], step), snapped(home[1] + now[1] - from[1], step)];
      const [dx, dy] = [target[0] - unit.center[0], target[1] - unit.center[1]];
      if (dx === 0 && dy === 0) return;
      moved = true;
      group.classList.add("is-moving");
      shift(unit, dx, dy);
      sayWhere(unit, refresh());
    };
    const end = (e) => {
      group.classList.remove("is-moving");
      for (const [name, handler] of listeners) window.removeEventListener(name, handler, true);
      if (e.type === "pointerup" && moved) return tell(unit);
      family(unit).forEach((member, i) => { member.center = origin[i]; });
      refresh();
    };
    const key = (e) => { if (e.key === "Escape") end(e); };
    const listeners = [["pointermove", move], ["pointerup", end], ["pointercancel", end], ["keydown", key]];
    for (const [name, handler] of listeners) window.addEventListener(name, handler, true);
  }

  function onKey(event, unit) {
    const step = event.shiftKey ? 1 : SNAP;
    const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    const way = ways[event.key];
    if (!way || !scene.data.editable) return;
    event.preventDefault();
    shift(unit, way[0], way[1]);
    sayWhere(unit, refresh());
    clearTimeout(keyTimer);
    keyTimer = setTimeout(() => tell(unit), KEY_PAUSE);
  }

  function draw(data, _tab) {
    const host = document.getElementById("floor-plan");
    if (!host || !data) return window.dash_clientside.no_update;
    const focused = document.activeElement && document.activeElement.getAttribute("data-unit");
    clearTimeout(keyTimer);
    host.replaceChildren();
    const span = extent(data);
    if (!span) return window.dash_clientside.no_update;
    const width = Math.max(host.clientWidth || WIDTH, NARROWEST);
    const scale = width / (span.right - span.left);
    const height = scale * (span.top - span.bottom);
    const fonts = scale < DENSE ? { name: 11, small: 10.5 } : { name: 13, small: 12 };
    scene = { data: structuredClone(data), extent: span, scale, nodes: new Map(), fonts, titles: [], storages: [],
      bounds: { width, height } };
    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "plan", role: "group",
      "aria-label": "Floor plan, in metres" }, host);
    scene.svg = svg;
    drawPatterns(svg, data.states);
    drawGround(svg, scene.data);
    const layer = element("g", { class: "plan-units" }, svg);
    for (const unit of scene.data.units) {
      const group = drawUnit(layer, unit);
      scene.nodes.set(unit.name, group);
      group.addEventListener("pointerdown", (event) => startDrag(event, unit, group));
      group.addEventListener("keydown", (event) => onKey(event, unit));
      group.addEventListener("focus", () => sayWhere(unit, clashes(scene.data.units, scene.data.areas)));
    }
    refresh();
    if (focused && scene.nodes.has(focused)) scene.nodes.get(focused).focus();
    return window.dash_clientside.no_update;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.floor_plan = { draw };
})();
