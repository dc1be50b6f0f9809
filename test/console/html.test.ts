import { describe, expect, it } from "vitest";
import { assets, iconPath, stylePath } from "../../lib/console/assets.ts";
import { Html, html } from "../../lib/console/html.ts";
import { page } from "../../lib/console/page.ts";
import { jsonAnswer, safeHeaders } from "../../lib/console/response.ts";

describe("HTML", () => {
  it("W8 escapes whatever is put in, as text and within an attribute", () => {
    const name = `<script>alert("1")</script> & 'Sara' \`x\``;
    expect(html`<b title="${name}">${name}</b>`.toString()).toBe(
      '<b title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Sara&#39; &#96;x&#96;">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Sara&#39; &#96;x&#96;</b>',
    );
  });

  it("W8 escapes within lists and takes HTML as it is, once", () => {
    const items = ["<a>", "b"].map((each) => html`<li>${each}</li>`);
    expect(html`<ul>${items}</ul>${["<", 2, null, false, undefined]}`.toString()).toBe(
      "<ul><li>&lt;a&gt;</li><li>b</li></ul>&lt;2",
    );
  });

  it("W8 what only looks like HTML is text: it is made by the tag or not at all", () => {
    const forged = { toString: () => "<script>" } as unknown as Html;
    expect(html`${forged}`.toString()).toBe("&lt;script&gt;");
    expect(() => new Html("<script>", Symbol("made by the html tag"))).toThrow(TypeError);
  });

  it("W8 drops control characters and marks that reorder a name", () => {
    expect(html`${"Sa\u0000ra\u202e gpj\u2066"}`.toString()).toBe("Sara gpj");
  });

  it("W8 keeps Arabic and accented names as they are", () => {
    expect(html`${"سارة Éloïse"}`.toString()).toBe("سارة Éloïse");
  });
});

describe("a page", () => {
  it("W8 has no inline script or style, and its policy allows its own style sheet and icon only", () => {
    const { body, headers } = page(200, { title: "x" }, html`<p>y</p>`);
    expect(headers["content-security-policy"]).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(body).toContain(`<link rel="stylesheet" href="${stylePath}">`);
    expect(body).toContain(`<link rel="icon" href="${iconPath}">`);
    const icon = assets.find(({ path }) => path === iconPath)?.answer();
    expect(icon?.headers["content-type"]).toBe("image/svg+xml");
    expect(icon?.body).not.toMatch(/<script|<style|style="|href|\son[a-z]+=/i);
    expect(body).not.toMatch(/<script|<style|style="|javascript:|\son[a-z]+=/i);
  });

  it("W8 its style sheet is named by what is in it, and nothing else of the console is kept by a browser", () => {
    expect(stylePath).toMatch(/^\/assets\/console-[0-9a-f]{12}\.css$/u);
    const [style] = assets;
    expect(style?.answer().headers).toMatchObject({
      "cache-control": "public, max-age=31536000, immutable",
      "content-type": "text/css; charset=utf-8",
    });
  });

  it("W8 is not cached, framed, guessed or leaked", () => {
    expect(safeHeaders).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "strict-transport-security": "max-age=63072000; includeSubDomains",
      "x-frame-options": "DENY",
    });
  });
});

it("D20 an answer for a program says what it says and steers no terminal", () => {
  const says = { status: "\u202eeémroF\u009b2J\u2067\u2028" };
  const { body } = jsonAnswer(200, says);
  expect(body).toBe('{"status":"\\u202eeémroF\\u009b2J\\u2067\\u2028"}');
  expect(JSON.parse(body)).toEqual(says);
});
