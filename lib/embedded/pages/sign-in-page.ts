import { createHash } from "node:crypto";

const style = `:root { color-scheme: light dark; --ground: #f6f7f9; --sheet: #fff; --ink: #15202b; --soft: #516173; --line: #8494a5; --accent: #0b5cad; --on: #fff; --bad: #a3231b; --tint: #fdecea; }
@media (prefers-color-scheme: dark) { :root { --ground: #0f151c; --sheet: #18212b; --ink: #e8edf2; --soft: #a5b3c1; --line: #5c6d7e; --accent: #78b6f2; --on: #0b1620; --bad: #ff9f97; --tint: #3a1815; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
main { max-width: 24rem; margin: 12vh auto 2rem; padding: 0 1rem; }
section { background: var(--sheet); border: 1px solid var(--line); border-radius: .5rem; padding: 1.5rem; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 .5rem; }
p { margin: 0 0 1rem; } .soft { color: var(--soft); } .brand { font-weight: 600; margin: 0 0 .75rem; }
.after { margin: 1rem 0 0; } a { color: var(--accent); }
.good { border-left: .25rem solid var(--accent); padding: .75rem 1rem; }
.bad { border-left: .25rem solid var(--bad); background: var(--tint); padding: .75rem 1rem; }
label { display: block; font-weight: 600; margin: 0 0 .25rem; }
input { width: 100%; font: inherit; color: inherit; background: var(--sheet); border: 1px solid var(--line); border-radius: .375rem; padding: .5rem .625rem; min-height: 2.75rem; margin: 0 0 1rem; }
button { font: inherit; font-weight: 600; width: 100%; min-height: 2.75rem; border: 0; border-radius: .375rem; background: var(--accent); color: var(--on); cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;

/** Headers of every page of this service's own. */
export const pageHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  "content-type": "text/html; charset=utf-8",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** The form to sign in with; afterwards `to` is shown. */
export function signInPage(about: { to: string; name: string; problem: string }): string {
  const problem =
    about.problem === "" ? "" : `<p class="bad" role="alert">${escaped(about.problem)}</p>`;
  return whole(
    "Sign in",
    `<p class="soft">With the name and password you were given for this machine.</p>${problem}
<form method="post" action="/sign-in">
<input type="hidden" name="to" value="${escaped(about.to)}">
<label for="name">Name</label>
<input id="name" name="name" value="${escaped(about.name)}" autocomplete="username" autocapitalize="none" spellcheck="false" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">Sign in</button>
</form>`,
  );
}

/** Where somebody signed in is without a link: who they are, and the way out. */
export const signedInPage = (name: string): string =>
  whole(
    "You are signed in",
    `<p>As <bdi>${escaped(name)}</bdi>. Open the link of a mail to decide about a run, or go to <a href="/admin/legacy-imports">the runs</a>.</p>
<form method="post" action="/sign-out"><button type="submit">Sign out</button></form>
<p class="after"><a href="/password">Change your password</a>, or end your other sign-ins.</p>`,
  );

/** Where a link from the terminal leads: one button, which signs in and uses the link up. */
export const logInPage = (name: string): string =>
  whole(
    "Log in",
    `<p>As <bdi>${escaped(name)}</bdi>. The link from the terminal works once.</p>
<form method="post"><button type="submit">Log in</button></form>`,
  );

/** Asks once more before somebody is signed out: whatever loads a page changes nothing. */
export const signOutPage = (): string =>
  whole(
    "Sign out",
    `<form method="post" action="/sign-out"><button type="submit">Sign out</button></form>`,
  );

/** Where somebody changes their password and ends their other sign-ins; `said` is what came of the last try. */
export function passwordPage(about: {
  name: string;
  said?: { readonly good: boolean; readonly text: string };
}): string {
  const { said } = about;
  const note =
    said === undefined
      ? ""
      : `<p class="${said.good ? "good" : "bad"}" role="${said.good ? "status" : "alert"}">${escaped(said.text)}</p>`;
  return whole(
    "Your password",
    `<p class="soft">Signed in as <bdi>${escaped(about.name)}</bdi>. A new password ends your other sign-ins.</p>${note}
<form method="post" action="/password">
<input type="hidden" name="username" value="${escaped(about.name)}" autocomplete="username">
<label for="password">Password now</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<label for="new">New password, at least 8 characters</label>
<input id="new" name="new" type="password" autocomplete="new-password" minlength="8" required>
<label for="again">The new one again</label>
<input id="again" name="again" type="password" autocomplete="new-password" minlength="8" required>
<button type="submit">Change it</button></form>
<form method="post" action="/sign-out-others" class="after"><button type="submit">End my other sign-ins</button></form>`,
  );
}

/** A page of one sentence. */
export const sentencePage = (title: string, sentence: string): string =>
  whole(title, `<p>${escaped(sentence)}</p>`);

function whole(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · wavegate</title><style>${style}</style></head>
<body><main><p class="brand">wavegate</p><section><h1>${title}</h1>${content}</section></main></body></html>
`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
