import { S3Error } from "./errors.ts";

/** A piece of XML that needs no further escaping. */
export interface Xml {
  readonly xml: string;
}

/** What may stand inside an element; `undefined` and `false` leave nothing. */
export type XmlContent = Xml | string | number | boolean | undefined | readonly XmlContent[];

/** One element; text is escaped, `undefined` content leaves the element out. */
export function element(name: string, content: XmlContent): Xml {
  return { xml: content === undefined ? "" : `<${name}>${render(content)}</${name}>` };
}

/** A whole answer: declaration, root element and Amazon's namespace. */
export function document(root: string, ...content: XmlContent[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${render(content)}</${root}>`;
}

/** The error answer, which has no namespace. */
export function errorDocument(fields: Record<string, string>): string {
  const children = Object.entries(fields).map(([name, value]) => element(name, value));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${render(children)}</Error>`;
}

/** An element as read: its children by name, in order, and its text. */
export interface XmlNode {
  readonly name: string;
  readonly children: readonly XmlNode[];
  readonly text: string;
}

const TOKEN =
  /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)|</g;
const DEEPEST = 16;

/**
 * Reads the small XML documents that S3 clients send: elements and text; attributes and namespaces
 * are skipped, document types and CDATA refused. Errors: `MalformedXML`.
 */
export function parseXml(source: string): XmlNode {
  const root: Open = { name: "", children: [], text: "" };
  const path: Open[] = [root];
  for (const token of source.matchAll(TOKEN)) {
    const [whole, closing, name, , empty, text] = token;
    const top = path[path.length - 1] as Open;
    if (text !== undefined) top.text += resolveEntities(text);
    else if (name !== undefined && closing === "/") {
      if (path.length === 1 || top.name !== local(name)) throw malformed();
      path.pop();
    } else if (name !== undefined) {
      const node: Open = { name: local(name), children: [], text: "" };
      top.children.push(node);
      if (empty !== "/") path.push(node);
      if (path.length > DEEPEST) throw malformed();
    } else if (whole === "<") throw malformed();
  }
  const [only, ...others] = root.children;
  if (path.length !== 1 || only === undefined || others.length > 0) throw malformed();
  if (root.text.replace(/\uFEFF/, "").trim() !== "") throw malformed();
  return only;
}

/** The children of that name. */
export function childrenOf(node: XmlNode, name: string): XmlNode[] {
  return node.children.filter((child) => child.name === name);
}

/** The text of the first child of that name. */
export function textOf(node: XmlNode, name: string): string | undefined {
  return childrenOf(node, name)[0]?.text;
}

interface Open extends XmlNode {
  readonly name: string;
  readonly children: Open[];
  text: string;
}

function render(content: XmlContent): string {
  if (content === undefined || content === false) return content === false ? "false" : "";
  if (typeof content === "string") return escapeText(content);
  if (Array.isArray(content)) return content.map(render).join("");
  if (typeof content === "object") return (content as Xml).xml;
  return String(content);
}

/** Control characters too: a bare carriage return would be read as a line feed. */
function escapeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys may hold them
  return text.replace(/[&<>"'\u0000-\u001f\u007f\ufffe\uffff]/g, (character) => {
    switch (character) {
      case "&":
        return "&amp;";
      case "<":
        return "&lt;";
      case ">":
        return "&gt;";
      case '"':
        return "&quot;";
      default:
        return `&#x${character.charCodeAt(0).toString(16)};`;
    }
  });
}

function resolveEntities(text: string): string {
  return text.replace(/&([^;&]*);?/g, (whole, entity: string) => {
    if (!whole.endsWith(";")) throw malformed();
    const named = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }[entity];
    if (named !== undefined) return named;
    const match = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(entity);
    const code = match?.[1] !== undefined ? Number.parseInt(match[1], 16) : Number(match?.[2]);
    if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) throw malformed();
    return String.fromCodePoint(code);
  });
}

function local(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function malformed(): S3Error {
  return new S3Error(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema.",
  );
}
