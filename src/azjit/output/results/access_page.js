"use strict";
(() => {
  const PAGE = 100;
  const FEW = 10;
  const LANES = 25;
  const BARS = 1500;
  const MINUTE = 60000;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const STEPS = [1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 720, 2184, 8760, 87600].map((hours) => hours * HOUR);
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const data = JSON.parse(document.getElementById("data").textContent);
  const collator = new Intl.Collator("en", { numeric: true });
  const at = (id) => document.getElementById(id);
  const isUtc = data.zone.every(([, minutes]) => minutes === 0);

  function make(tag, properties, ...inside) {
    const made = document.createElement(tag);
    Object.assign(made, properties);
    made.append(...inside);
    return made;
  }

  // Foreign text may be written from right to left: it must not reorder what stands beside it.
  const foreign = (text) => make("bdi", {}, text);
  const second = (...inside) => make("span", { className: "second" }, ...inside);

  // Times: data.zone has, for each change of the zone's offset, its instant, the minutes and a name.
  function zoneAt(instant) {
    let found = data.zone[0];
    for (const each of data.zone) if (each[0] <= instant) found = each;
    return found;
  }
  const local = (instant) => new Date(instant + zoneAt(instant)[1] * MINUTE);
  const utc = (instant) => new Date(instant).toISOString().slice(0, 16).replace("T", " ") + " UTC";
  // The day is told once where it is the same.
  function withUtc(text, instant) {
    const day = utc(instant).slice(0, 11);
    return `${text} (${text.startsWith(day) ? utc(instant).slice(11) : utc(instant)})`;
  }
  function said(instant) {
    const here = local(instant).toISOString().slice(0, 16).replace("T", " ");
    return isUtc ? utc(instant) : withUtc(`${here} ${zoneAt(instant)[2]}`, instant);
  }
  function timeCell(time) {
    if (!time) return ["-"];
    const [instant, text] = time;
    return instant === null || isUtc ? [text] : [text, second(utc(instant))];
  }
  const timeText = ([instant, text]) => (instant === null || isUtc ? text : withUtc(text, instant));

  // A table that sorts, in pages.
  function grid(id, title, columns, { wide = false, sorted = [0, 1], empty = "None.", page = PAGE } = {}) {
    let rows = [];
    let [column, direction] = sorted;
    let first = 0;
    let isWhole = false;
    const body = make("tbody");
    const heads = columns.map((each, index) => {
      const button = make("button", { type: "button" }, each.title);
      const head = make("th", { scope: "col", className: each.kind === "number" ? "number" : "" }, button);
      button.addEventListener("click", () => {
        direction = column === index ? -direction : 1;
        column = index;
        order();
      });
      return head;
    });
    const table = make("table", { className: wide ? "wide" : "" },
      make("caption", {}, title), make("thead", {}, make("tr", {}, ...heads)), body);
    const region = make("div", { className: "scroll", tabIndex: 0 }, table);
    region.setAttribute("role", "region");
    region.setAttribute("aria-label", title + ", table");
    const none = make("p", { className: "quiet" }, empty);
    const before = make("button", { type: "button" }, "Previous");
    const after = make("button", { type: "button" }, "Next");
    before.setAttribute("aria-label", "Previous page of: " + title);
    after.setAttribute("aria-label", "Next page of: " + title);
    const place = make("span");
    const pager = make("div", { className: "pager" }, before, after, place);
    before.addEventListener("click", () => turn(first - page));
    after.addEventListener("click", () => turn(first + page));
    at(id).append(none, region, pager);

    function order() {
      const value = columns[column].value;
      const keyed = rows.map((row) => [value(row), row]);
      keyed.sort(([a], [b]) => {
        if (a === b) return 0;
        // What has no value comes last, in either direction.
        if (a === null || a === "") return 1;
        if (b === null || b === "") return -1;
        return direction * (typeof a === "string" ? collator.compare(a, b) : a - b);
      });
      rows = keyed.map(([, row]) => row);
      heads.forEach((head, index) => {
        if (index === column) head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
        else head.removeAttribute("aria-sort");
        const mark = index === column ? (direction > 0 ? " \u25b2" : " \u25bc") : "";
        head.firstChild.replaceChildren(columns[index].title);
        if (mark) {
          const drawn = make("span", {}, mark);
          drawn.setAttribute("aria-hidden", "true");
          head.firstChild.append(drawn);
        }
      });
      turn(0);
    }
    function turn(to) {
      first = Math.max(0, to);
      draw();
    }
    function draw() {
      const shown = isWhole ? rows : rows.slice(first, first + page);
      body.replaceChildren(...shown.map((row) => {
        const line = make("tr", { tabIndex: -1 });
        for (const each of columns) {
          line.append(make("td", { className: each.kind || "" }, ...each.cell(row)));
        }
        return line;
      }));
      none.hidden = rows.length > 0;
      region.hidden = rows.length === 0;
      pager.hidden = rows.length <= page;
      before.disabled = first === 0;
      after.disabled = first + page >= rows.length;
      place.textContent = `${first + 1} to ${Math.min(first + page, rows.length)} of ${rows.length}`;
    }
    return {
      set(given) {
        rows = given;
        order();
      },
      whole(wanted) {
        isWhole = wanted;
        draw();
      },
      go(row) {
        const index = rows.indexOf(row);
        if (index < 0) return;
        turn(index - (index % page));
        const line = body.children[index % page];
        line.scrollIntoView({ block: "center" });
        line.focus();
      },
    };
  }

  const text = (title, key, kind = "") => ({
    title, kind, value: (row) => row[key], cell: (row) => [row[key] ? foreign(row[key]) : "-"],
  });
  const number = (title, key) => ({
    title, kind: "number", value: (row) => row[key], cell: (row) => [String(row[key])],
  });
  const lengthOf = (title, key) => ({
    title, kind: "number", value: (row) => row[key] && row[key][0], cell: (row) => [row[key] ? row[key][1] : "-"],
  });
  const time = (title, key) => ({
    title, kind: "time", value: (row) => row[key] && row[key][0], cell: (row) => timeCell(row[key]),
  });

  const applications = grid("applications", "Applications", [
    text("Application", "application", "text"),
    number("Requested", "requested"),
    number("Approved", "approved"),
    number("Automatic", "automatic"),
    number("Denied", "denied"),
    number("Expired", "expired"),
    number("Canceled", "canceled"),
    lengthOf("Access", "used"),
    {
      title: "Standing", kind: "number", value: (row) => row.standing,
      cell: (row) => [row.standing === null ? "not read" : String(row.standing)],
    },
  ], { sorted: [1, -1], page: FEW });
  const requests = grid("requests", "Requests", [
    text("Application", "application", "text"),
    text("For", "who", "text"),
    text("Role", "role"),
    {
      title: "State", kind: "", value: (row) => row.state,
      cell: (row) => [foreign(row.state), ...(row.revoked ? [second("revoked " + timeText(row.revoked))] : [])],
    },
    time("Start", "start"),
    lengthOf("Length", "length"),
    {
      title: "Decided by", kind: "text", value: (row) => row.decider,
      cell: (row) => [
        row.decider ? foreign(row.decider) : "-",
        ...(row.decided ? [second(timeText(row.decided))] : []),
      ],
    },
    text("Why", "reason", "text"),
    {
      title: "Claimed by the publisher", kind: "text", value: (row) => row.claim || row.ticket,
      cell: (row) => [row.claim ? foreign(row.claim) : "-", ...(row.ticket ? [second(foreign(row.ticket))] : [])],
    },
    text("Request", "request", "id"),
  ], { wide: true, sorted: [4, -1], empty: "No request matches." });
  const standing = grid("standing", "Standing access of the publisher", [
    text("Application", "application"), text("Principal", "who"), text("Role", "role"), time("Since", "since"),
  ], { empty: data.standingRead ? "None." : "It could not be read." });
  const settings = grid("settings", "Changed settings", [
    time("Time", "at"), text("Application", "application"), text("By", "by"),
    text("Command", "action"), text("Outcome", "outcome"),
  ], { sorted: [0, -1], empty: "None in the receipts." });

  // The timeline.
  const wholeSpan = [data.since, data.until];
  let span = wholeSpan;
  let lanes = [];
  let firstLane = 0;
  let isWholeTimeline = false;
  let focused = null;
  const timeline = at("timeline");
  const earlierLanes = make("button", { type: "button" }, "Previous");
  const laterLanes = make("button", { type: "button" }, "Next");
  earlierLanes.setAttribute("aria-label", "Previous page of the timeline");
  laterLanes.setAttribute("aria-label", "Next page of the timeline");
  const lanePlace = make("span");
  const lanePager = make("div", { className: "pager" }, earlierLanes, laterLanes, lanePlace);
  const laneStarts = [0];
  timeline.after(lanePager);

  function barsOf(rows, held) {
    const found = new Map();
    const add = (application, who, role, bar) => {
      const key = JSON.stringify([application, who, role]);
      if (!found.has(key)) found.set(key, { application, who, role, bars: [] });
      found.get(key).bars.push(bar);
    };
    for (const row of rows) {
      if (!row.span) continue;
      const [from, to] = row.span;
      const kind = row.automatic ? "automatic" : "person";
      for (const [who, role] of row.grants) add(row.application, who, role, { from, to, kind, row });
    }
    for (const each of held) {
      if (!each.span) continue;
      const [from, to] = each.span;
      add(each.application, each.who, each.role, { from, to, kind: "standing", row: null });
    }
    const order = (a, b) => collator.compare(a.application, b.application)
      || collator.compare(a.who, b.who) || collator.compare(a.role, b.role);
    return [...found.values()].sort(order);
  }

  function ticks() {
    const room = Math.max(3, Math.floor(timeline.clientWidth / 110));
    const step = STEPS.find((each) => (span[1] - span[0]) / each <= room) || STEPS[STEPS.length - 1];
    const found = [];
    let here = Math.ceil(local(span[0]).getTime() / step) * step;
    for (;;) {
      // The offset of a local time is that of the instant it names.
      let instant = here - zoneAt(here)[1] * MINUTE;
      instant = here - zoneAt(instant)[1] * MINUTE;
      if (instant > span[1]) return found;
      if (instant >= span[0]) found.push([instant, tickText(new Date(here), step)]);
      here += step;
    }
  }
  function tickText(here, step) {
    const day = `${here.getUTCDate()} ${MONTHS[here.getUTCMonth()]}`;
    if (step >= 30 * DAY) return `${day} ${here.getUTCFullYear()}`;
    const clock = here.toISOString().slice(11, 16);
    return step >= DAY || clock === "00:00" ? day : clock;
  }
  const percent = (instant) => (100 * (instant - span[0])) / (span[1] - span[0]);

  function told(lane, bar) {
    const what = `${lane.who}, ${lane.role}, ${lane.application}: ${said(bar.from)} to ${said(bar.to)}`;
    if (bar.kind === "standing") return `${what}, standing access`;
    if (bar.kind === "automatic") return `${what}, approved automatically`;
    const why = bar.row.reason ? `: ${bar.row.reason}` : "";
    return `${what}, approved by ${bar.row.decider || "somebody who is not known"}${why}`;
  }

  function drawTimeline() {
    const inSpan = (bar) => bar.from < span[1] && bar.to > span[0];
    const seen = lanes.map((lane) => ({ ...lane, bars: lane.bars.filter(inSpan) })).filter((lane) => lane.bars.length);
    const lines = ticks();
    const axis = make("div", { className: "track" });
    for (const [instant, label] of lines) {
      const drawn = make("span", { className: "label" }, label);
      drawn.style.left = percent(instant) + "%";
      axis.append(drawn);
    }
    const head = make("div", { className: "axis" }, make("div", { className: "quiet" }, isUtc ? "UTC" : zoneAt(span[0])[2]), axis);
    head.setAttribute("aria-hidden", "true");
    const list = make("ol", { className: "lanes" });
    let bars = 0;
    let next = isWholeTimeline ? 0 : laneStarts[firstLane];
    const start = next;
    while (next < seen.length && (isWholeTimeline || (next - start < LANES && bars < BARS))) {
      const lane = seen[next];
      list.append(laneOf(lane, lines));
      bars += lane.bars.length;
      next += 1;
    }
    laneStarts[firstLane + 1] = next;
    const rest = seen.length
      ? [head, list]
      : [make("p", { className: "quiet" }, "No access in this time.")];
    timeline.replaceChildren(...rest);
    lanePager.hidden = start === 0 && next >= seen.length;
    earlierLanes.disabled = firstLane === 0;
    laterLanes.disabled = next >= seen.length;
    lanePlace.textContent = `${start + 1} to ${next} of ${seen.length}`;
    at("shown-span").textContent = `${said(span[0])} to ${said(span[1])}`;
    at("earlier").disabled = span[0] <= data.since;
    at("later").disabled = span[1] >= data.until;
    const one = timeline.querySelector(".bar");
    if (one) one.tabIndex = 0;
    focused = one;
  }

  function laneOf(lane, lines) {
    const track = make("div", { className: "track" });
    for (const [instant] of lines) {
      const line = make("span", { className: "tick" });
      line.style.left = percent(instant) + "%";
      track.append(line);
    }
    const ends = [];
    const sorted = lane.bars.sort((a, b) => a.from - b.from);
    for (const bar of isWholeTimeline ? sorted : sorted.slice(0, BARS)) {
      // Access that overlaps stands one below the other.
      let level = ends.findIndex((end) => end <= bar.from);
      if (level < 0) level = ends.length;
      ends[level] = bar.to;
      const from = Math.max(bar.from, span[0]);
      const drawn = make("button", { type: "button", className: "bar " + bar.kind, tabIndex: -1 });
      drawn.style.left = `min(${percent(from)}%, 100% - 4px)`;
      drawn.style.width = percent(Math.min(bar.to, span[1])) - percent(from) + "%";
      drawn.style.top = 0.2 + 1.3 * level + "rem";
      drawn.setAttribute("aria-label", told(lane, bar));
      drawn.bar = bar;
      track.append(drawn);
    }
    track.style.minHeight = 0.3 + 1.3 * Math.max(1, ends.length) + "rem";
    const left = lane.bars.length - BARS;
    const more = left > 0 && !isWholeTimeline ? [second(`${left} more are not drawn: show a shorter time`)] : [];
    const who = make("div", { className: "who" }, foreign(lane.who),
      second(foreign(lane.role), ", ", foreign(lane.application)), ...more);
    return make("li", { className: "lane" }, who, track);
  }

  function focusBar(bar) {
    if (!bar) return;
    if (focused) focused.tabIndex = -1;
    bar.tabIndex = 0;
    focused = bar;
    bar.focus();
  }
  timeline.addEventListener("keydown", (event) => {
    const bar = event.target.closest(".bar");
    if (!bar) return;
    const all = [...timeline.querySelectorAll(".bar")];
    const lane = bar.closest(".lane");
    const beside = { ArrowUp: lane.previousElementSibling, ArrowDown: lane.nextElementSibling };
    const index = all.indexOf(bar);
    const moves = { ArrowLeft: all[index - 1], ArrowRight: all[index + 1], Home: all[0], End: all[all.length - 1] };
    if (event.key in beside) focusBar(beside[event.key] && beside[event.key].querySelector(".bar"));
    else if (event.key in moves) focusBar(moves[event.key]);
    else return;
    event.preventDefault();
  });
  for (const kind of ["focusin", "mouseover"]) {
    timeline.addEventListener(kind, (event) => {
      const bar = event.target.closest(".bar");
      if (bar) at("detail").replaceChildren(foreign(bar.getAttribute("aria-label")));
    });
  }
  timeline.addEventListener("click", (event) => {
    const bar = event.target.closest(".bar");
    if (bar && bar.bar.row) requests.go(bar.bar.row);
  });
  function restart() {
    firstLane = 0;
    laneStarts.length = 1;
    drawTimeline();
  }
  earlierLanes.addEventListener("click", () => { firstLane -= 1; drawTimeline(); });
  laterLanes.addEventListener("click", () => { firstLane += 1; drawTimeline(); });

  const spans = [["the whole time", null], ["4 weeks", 28 * DAY], ["a week", 7 * DAY], ["a day", DAY], ["6 hours", 6 * HOUR]];
  for (const [label, size] of spans) {
    if (size === null || size < data.until - data.since) {
      at("span").append(make("option", { value: String(size || 0) }, label));
    }
  }
  at("span").addEventListener("change", () => {
    const size = Number(at("span").value);
    span = size ? [data.until - size, data.until] : wholeSpan;
    restart();
  });
  function move(direction) {
    const size = span[1] - span[0];
    const from = Math.min(Math.max(span[0] + direction * size, data.since), data.until - size);
    span = [from, from + size];
    restart();
  }
  at("earlier").addEventListener("click", () => move(-1));
  at("later").addEventListener("click", () => move(1));

  // Filters.
  function options(id, values) {
    for (const value of [...new Set(values)].sort(collator.compare)) at(id).append(make("option", { value }, value));
  }
  options("application", data.applications.map((each) => each.application));
  options("state", data.requests.map((each) => each.state));
  options("role", [...data.requests.flatMap((each) => each.grants.map(([, role]) => role)), ...data.standing.map((each) => each.role)]);
  const haystack = (row, keys) => keys.map((key) => row[key] || "").join("\n").toLowerCase();
  for (const row of data.requests) {
    row.sought = haystack(row, ["application", "who", "role", "state", "decider", "reason", "claim", "ticket", "request"]);
  }
  for (const row of data.standing) row.sought = haystack(row, ["application", "who", "role"]);
  for (const row of data.settings) row.sought = haystack(row, ["application", "by", "action", "outcome"]);
  for (const row of data.applications) row.sought = row.application.toLowerCase();

  function filter() {
    const words = at("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [application, state, role] = ["application", "state", "role"].map((id) => at(id).value);
    const isOf = (row) => (!application || row.application === application) && words.every((word) => row.sought.includes(word));
    const found = data.requests.filter((row) => isOf(row) && (!state || row.state === state)
      && (!role || row.grants.some((grant) => grant[1] === role)));
    const held = data.standing.filter((row) => isOf(row) && !state && (!role || row.role === role));
    const its = new Set([...found, ...held].map((row) => row.application));
    const isFiltered = words.length > 0 || application || state || role;
    applications.set(data.applications.filter((row) => !isFiltered || its.has(row.application) || (isOf(row) && !state && !role)));
    requests.set(found);
    standing.set(held);
    settings.set(data.settings.filter((row) => isOf(row) && !state && !role));
    lanes = barsOf(found, held);
    restart();
    const terms = [
      application && `application ${application}`, state && `state ${state}`, role && `role ${role}`,
      words.length > 0 && `with "${words.join(" ")}"`,
    ].filter(Boolean);
    const count = data.requests.length;
    at("told").textContent = terms.length
      ? `${found.length} of ${count} requests: ${terms.join(", ")}`
      : `${count} ${count === 1 ? "request" : "requests"}`;
  }
  let waiting = 0;
  at("words").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 150);
  });
  for (const id of ["application", "state", "role"]) at(id).addEventListener("change", filter);
  at("clear").addEventListener("click", () => {
    for (const id of ["words", "application", "state", "role"]) at(id).value = "";
    filter();
    at("words").focus();
  });

  at("period").textContent = `From ${said(data.since)} to ${said(data.until)}; made ${said(data.at)}.`;
  for (const each of data.missing) at("missing").lastElementChild.append(make("li", {}, foreign(each)));
  at("missing").hidden = data.missing.length === 0;
  filter();

  // Paper has no pages to turn.
  function whole(wanted) {
    for (const each of [applications, requests, standing, settings]) each.whole(wanted);
    isWholeTimeline = wanted;
    drawTimeline();
  }
  addEventListener("beforeprint", () => whole(true));
  addEventListener("afterprint", () => whole(false));
  let resizing = 0;
  addEventListener("resize", () => {
    clearTimeout(resizing);
    resizing = setTimeout(drawTimeline, 150);
  });
})();
