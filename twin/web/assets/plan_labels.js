/* Names on the floor plan: each where it covers no unit and no other name, in one line or two. One that finds no
   place is shown when its unit is pointed at or focused. Pure geometry in px; floor_plan.js draws. */
(function () {
  "use strict";

  const LETTER = 0.585; // mean width of a letter, in heights of the font
  const LINE = 1.18; // height of a line, in heights of the font

  function width(text, font) {
    return text.length * LETTER * font;
  }

  /* The text in one line, and in two of about equal length where it has several words. */
  function breaks(text) {
    const words = text.split(" ");
    const found = [[text]];
    let best = null;
    for (let i = 1; i < words.length; i++) {
      const lines = [words.slice(0, i).join(" "), words.slice(i).join(" ")];
      const longest = Math.max(lines[0].length, lines[1].length);
      if (!best || longest < best.longest) best = { lines, longest };
    }
    if (best) found.push(best.lines);
    return found;
  }

  function box(lines, font, x, top) {
    const half = Math.max(...lines.map((line) => width(line, font))) / 2;
    return { left: x - half, right: x + half, top, bottom: top + lines.length * font * LINE };
  }

  function meet(a, b) {
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  }

  function write(node, lines, font, x, top) {
    node.replaceChildren();
    node.style.fontSize = `${font}px`;
    lines.forEach((line, i) => {
      const span = document.createElementNS("http://www.w3.org/2000/svg", "tspan");
      span.setAttribute("x", x.toFixed(1));
      span.setAttribute("y", (top + (i + 0.85) * font * LINE).toFixed(1));
      span.textContent = line;
      node.append(span);
    });
  }

  /* Write `text` around `at` (px: middle x, top and bottom of what it names), where it meets none of `taken`; the
     place found is added to them. `origin` is that of the node's own frame. Returns whether there was one. */
  function settle(node, text, font, at, taken, bounds, origin, only) {
    const gap = 4;
    for (const lines of breaks(text)) {
      const height = lines.length * font * LINE;
      const tops = { above: at.top - gap - height, below: at.bottom + gap };
      for (const side of only || ["above", "below"]) {
        const where = box(lines, font, at.x, tops[side]);
        const within = where.left >= 0 && where.right <= bounds.width && where.top >= 0 && where.bottom <= bounds.height;
        if (within && !taken.some((other) => meet(where, other))) {
          taken.push(where);
          write(node, lines, font, at.x - origin.x, tops[side] - origin.y);
          node.classList.remove("is-crowded");
          return true;
        }
      }
    }
    write(node, [text], font, at.x - origin.x, at.top - gap - font * LINE - origin.y);
    node.classList.add("is-crowded");
    return false;
  }

  /* Write the name of an area into its upper left corner: with its grade, without, in two lines, or not at all. */
  function title(node, label, name, font, corner, room, taken) {
    for (const lines of [[label], ...breaks(name)]) {
      const wide = Math.max(...lines.map((line) => width(line, font)));
      if (wide <= room.width - 12 && lines.length * font * LINE <= room.height - 6) {
        const where = { left: corner.x + 6, right: corner.x + 6 + wide, top: corner.y + 4,
          bottom: corner.y + 4 + lines.length * font * LINE };
        taken.push(where);
        write(node, lines, font, where.left, where.top);
        return;
      }
    }
    node.replaceChildren();
  }

  window.plan_labels = { settle, title };
})();
