// What can be measured of a page's looks and of its use without eyes or mouse. Runs inside the page.

/** What is wrong with the page that is shown: one sentence each. */
export function faultsOf(page) {
  return page.evaluate(() => {
    const faults = [];
    const isShown = (element) =>
      element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
    const name = (element) => element.getAttribute("aria-label") || element.textContent.trim();
    const tell = (element) => element.outerHTML.slice(0, 100);

    if (!document.documentElement.lang) faults.push("the page does not say its language");
    if (!document.title) faults.push("the page has no title");
    const headings = document.querySelectorAll("h1").length;
    if (headings !== 1) faults.push(`the page has ${headings} h1`);
    if (document.querySelectorAll("main").length !== 1) faults.push("the page has not exactly one main");

    for (const field of document.querySelectorAll("input, select, textarea")) {
      if (field.type === "hidden" || field.hidden) continue;
      const isNamed =
        field.labels.length > 0 || field.getAttribute("aria-label") || field.getAttribute("aria-labelledby");
      if (!isNamed) faults.push(`a field has no label: ${tell(field)}`);
      if (field.ariaInvalid === "true" && !field.getAttribute("aria-describedby"))
        faults.push(`an error is not tied to its field: ${tell(field)}`);
    }
    for (const element of document.querySelectorAll("a, button, summary")) {
      if (isShown(element) && !name(element)) faults.push(`a control has no name: ${tell(element)}`);
    }
    for (const reference of document.querySelectorAll("[aria-describedby], [aria-labelledby], label[for]")) {
      const ids = [
        reference.getAttribute("aria-describedby"),
        reference.getAttribute("aria-labelledby"),
        reference.getAttribute("for"),
      ];
      for (const id of ids.filter(Boolean).flatMap((list) => list.split(" "))) {
        if (!document.getElementById(id)) faults.push(`#${id} is referred to and is not there`);
      }
    }
    const seen = new Set();
    for (const { id } of document.querySelectorAll("[id]")) {
      if (seen.has(id)) faults.push(`the id ${id} stands twice`);
      seen.add(id);
    }

    for (const element of document.querySelectorAll("script, style, [style]")) {
      if (!element.src) faults.push(`inline script or style: ${tell(element)}`);
    }
    for (const element of document.querySelectorAll("*")) {
      for (const { name } of element.attributes) {
        if (name.startsWith("on")) faults.push(`an inline handler: ${tell(element)}`);
      }
    }

    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth)
      faults.push(`the page is ${scrollWidth} wide where ${clientWidth} are seen`);

    return faults.concat(contrastFaults());

    // WCAG 2.2, 1.4.3: text of 24 px, or bold text of 18.66 px, needs 3:1, all other text 4.5:1.
    function contrastFaults() {
      const found = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.textContent.trim() || !isShown(element) || isExempt(element)) continue;
        const style = getComputedStyle(element);
        const size = parseFloat(style.fontSize);
        const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        const ratio = contrast(colour(style.color), background(element));
        if (ratio < (isLarge ? 3 : 4.5)) found.push(`contrast ${ratio.toFixed(2)}: ${tell(element)}`);
      }
      return found;
    }

    // What nobody is meant to read: decoration, what is switched off, and what only screen readers see.
    function isExempt(element) {
      return element.closest('[aria-hidden="true"], :disabled, .sr, .skip') !== null;
    }

    // A canvas understands every notation of a colour that the style sheet may use.
    function colour(text) {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = 1;
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.fillStyle = text;
      context.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
      return { red, green, blue, alpha: alpha / 255 };
    }

    function background(element) {
      const layers = [];
      for (let at = element; at; at = at.parentElement) {
        const layer = colour(getComputedStyle(at).backgroundColor);
        layers.push(layer);
        if (layer.alpha === 1) break;
      }
      const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
      const canvas = isDark ? { red: 18, green: 18, blue: 18 } : { red: 255, green: 255, blue: 255 };
      return layers.reduceRight((below, layer) => over(layer, below), canvas);
    }

    function over(above, below) {
      const mix = (part) => above[part] * above.alpha + below[part] * (1 - above.alpha);
      return { red: mix("red"), green: mix("green"), blue: mix("blue") };
    }

    function luminance({ red, green, blue }) {
      const linear = (value) => (value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    }

    function contrast(one, other) {
      const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    }
  });
}
