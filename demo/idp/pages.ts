import { alert, escape, field, form, page } from "../http/page.ts";

/** The first page: who are you? A wrong password keeps the username. */
export const loginPage = (options: {
  readonly action: string;
  readonly cancel: string;
  readonly client: string;
  readonly username?: string;
  readonly problem?: string;
}): string =>
  page({
    title: "Sign in",
    body: `<p class="muted">${escape(options.client)} would like to know who you are.</p>
${alert(options.problem)}
${form({
  action: options.action,
  button: "Sign in",
  fields: [
    field({
      name: "username",
      label: "Username",
      autocomplete: "username",
      focus: options.username === undefined,
      ...(options.username === undefined ? {} : { value: options.username }),
    }),
    field({
      name: "password",
      label: "Password",
      type: "password",
      autocomplete: "current-password",
      focus: options.username !== undefined,
    }),
  ].join("\n"),
})}
${cancelLink(options.cancel)}`,
  });

/** The second factor. */
export const mfaPage = (options: {
  readonly action: string;
  readonly cancel: string;
  readonly username: string;
  readonly problem?: string;
}): string =>
  page({
    title: "Confirm it is you",
    body: `<p>Enter the code of your authenticator, <strong>${escape(options.username)}</strong>.</p>
${alert(options.problem)}
${form({
  action: options.action,
  button: "Confirm",
  fields: field({
    name: "otp",
    label: "One-time code",
    autocomplete: "one-time-code",
    numeric: true,
    focus: true,
  }),
})}
${cancelLink(options.cancel)}`,
  });

const cancelLink = (href: string): string => `<p><a href="${escape(href)}">Cancel and go back</a></p>`;

/** Device flow (RFC 8628): the code, already filled in when the link carried it. */
export const deviceCodePage = (options: {
  readonly action: string;
  readonly xsrf: string;
  readonly userCode?: string;
  readonly problem?: string;
}): string =>
  page({
    title: "Connect a device",
    body: `<p>Enter the code that your device shows.</p>
${alert(options.problem)}
${form({
  action: options.action,
  button: "Continue",
  hidden: { xsrf: options.xsrf },
  fields: field({
    name: "user_code",
    label: "Code",
    focus: true,
    ...(options.userCode === undefined ? {} : { value: options.userCode }),
  }),
})}`,
  });

/** Device flow: is this the code on your screen? */
export const deviceConfirmPage = (options: {
  readonly action: string;
  readonly xsrf: string;
  readonly userCode: string;
  readonly shownCode: string;
  readonly client: string;
}): string =>
  page({
    title: "Is this your device?",
    body: `<p>${escape(options.client)} wants to sign in as you. Go on only if it shows this code:</p>
<p class="code">${escape(options.shownCode)}</p>
${form({
  action: options.action,
  button: "Yes, sign it in",
  hidden: { xsrf: options.xsrf, user_code: options.userCode, confirm: "yes" },
})}
<p class="muted">If it does not, close this page.</p>`,
  });

/** Something is done, or went wrong, and there is nothing to press. */
export const messagePage = (title: string, text: string): string =>
  page({ title, body: `<p>${escape(text)}</p>` });

/** RP-initiated logout: one question, one button. */
export const logoutPage = (action: string, xsrf: string): string =>
  page({
    title: "Sign out?",
    body: form({ action, button: "Sign out", hidden: { xsrf, logout: "yes" } }),
  });
