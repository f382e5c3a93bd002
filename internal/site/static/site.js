// Two small comforts; every page works without them.
(() => {
  const node = (tag, text, attrs) => {
    const e = document.createElement(tag);
    if (text) e.textContent = text;
    for (const k in attrs) e.setAttribute(k, attrs[k]);
    return e;
  };

  // Suggestions while typing: a combobox in the sense of the ARIA practices.
  document.querySelectorAll("[data-suggest]").forEach((form) => {
    const input = form.querySelector("input[type=search]");
    const list = node("ul", "", { class: "hits", id: "hits", role: "listbox", "aria-label": "联想事项" });
    const said = node("p", "", { class: "off", role: "status" });
    let rows = [], at = -1, timer, last = "", ask;
    list.hidden = true;
    form.append(list, said);
    for (const [k, v] of [["role", "combobox"], ["aria-controls", "hits"], ["aria-expanded", "false"], ["aria-autocomplete", "list"]]) input.setAttribute(k, v);
    const show = (open) => {
      list.hidden = !open;
      input.setAttribute("aria-expanded", open);
      if (!open) mark(-1);
    };
    const mark = (i) => {
      at = i;
      [...list.children].forEach((li, n) => li.setAttribute("aria-selected", n === i));
      if (i < 0) input.removeAttribute("aria-activedescendant");
      else input.setAttribute("aria-activedescendant", "hit" + i);
    };
    const fill = (found) => {
      rows = found;
      list.replaceChildren(...rows.map((r, i) => {
        const li = node("li", "", { role: "option", id: "hit" + i, "aria-selected": "false" });
        li.append(node("b", r.name), node("span", r.org));
        li.addEventListener("mousedown", (e) => { e.preventDefault(); location.href = r.href; });
        return li;
      }));
      said.textContent = rows.length ? "有 " + rows.length + " 条联想" : "";
      show(rows.length > 0);
    };
    input.addEventListener("input", (e) => {
      clearTimeout(timer);
      if (e.isComposing) return;
      timer = setTimeout(suggest, 150);
    });
    input.addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(suggest, 50); });
    const suggest = async () => {
      const q = input.value.trim();
      if (q === last) return;
      last = q;
      if (ask) ask.abort();
      if (!q) return fill([]);
      ask = new AbortController();
      try {
        const r = await fetch("/suggest?q=" + encodeURIComponent(q), { signal: ask.signal });
        if (r.ok) fill(await r.json());
      } catch { /* typing on, or offline: the search button still works */ }
    };
    input.addEventListener("keydown", (e) => {
      if (list.hidden || e.isComposing) return;
      if (e.key === "ArrowDown" || e.key === "ArrowUp") {
        e.preventDefault();
        const n = rows.length + 1;
        mark(((at + 1 + (e.key === "ArrowDown" ? 1 : n - 1)) % n) - 1);
      } else if (e.key === "Enter" && at >= 0) {
        e.preventDefault();
        location.href = rows[at].href;
      } else if (e.key === "Escape") show(false);
    });
    input.addEventListener("blur", () => show(false));
  });

  // What the signed-in person has going, in the room the page keeps for it.
  const doing = document.querySelector("[data-doing]");
  if (doing) {
    fetch("/api/cases?size=3", { headers: { accept: "application/json" } })
      .then((r) => (r.ok ? r.json() : null))
      .then((page) => {
        if (!page || !page.rows) return;
        const body = doing.querySelector("p");
        if (!page.rows.length) { body.textContent = "现在没有正在办的事。"; return; }
        const ul = node("ul");
        for (const c of page.rows) {
          const li = node("li");
          li.append(node("a", c.item_name, { href: "/my/cases/" + encodeURIComponent(c.case_no) }), node("span", c.state_text, { class: "soft" }));
          ul.append(li);
        }
        body.replaceWith(ul);
      })
      .catch(() => {});
  }
})();
