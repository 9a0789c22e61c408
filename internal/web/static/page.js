// What makes the pages nicer; they work without it.
"use strict";

for (const e of document.querySelectorAll(".js-only")) e.hidden = false;

// Copy buttons.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    let done = false;
    try {
      await navigator.clipboard.writeText(text.textContent);
      done = true;
    } catch {
      const range = document.createRange();
      range.selectNodeContents(text);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
    }
    button.textContent = done ? "Copied" : "Press Ctrl-C";
    setTimeout(() => { button.textContent = "Copy"; }, 2500);
  });
}

// Files can be dropped on the box.
for (const box of document.querySelectorAll("[data-drop]")) {
  const input = document.getElementById(box.dataset.drop);
  const list = box.querySelector(".chosen");
  const show = () => {
    const files = [...input.files];
    list.replaceChildren(...files.slice(0, 5).map((f) => {
      const item = document.createElement("li");
      item.textContent = f.name + " (" + Math.max(1, Math.round(f.size / 1024)) + " KB)";
      return item;
    }));
    if (files.length > 5) {
      const more = document.createElement("li");
      more.textContent = "and " + (files.length - 5) + " more";
      list.append(more);
    }
  };
  input.addEventListener("change", show);
  box.addEventListener("dragover", (e) => { e.preventDefault(); box.classList.add("over"); });
  box.addEventListener("dragleave", () => box.classList.remove("over"));
  box.addEventListener("drop", (e) => {
    e.preventDefault();
    box.classList.remove("over");
    if (e.dataTransfer.files.length > 0) {
      input.files = e.dataTransfer.files;
      show();
    }
  });
}

// A form that takes long says so, and is not sent twice.
for (const form of document.forms) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button[data-busy]")) {
      button.dataset.calm = button.textContent;
      button.textContent = button.dataset.busy;
      button.disabled = true;
    }
  });
}

// Whoever comes back finds a button to press: browsers keep the page as it was left,
// or at least that the button was off.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[data-busy]")) {
    button.disabled = false;
    if (button.dataset.calm) button.textContent = button.dataset.calm;
  }
});

// What a link leads to may be folded away.
const open = () => {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const fold = target && target.closest("details");
  if (fold) fold.open = true;
};
addEventListener("hashchange", open);
open();
