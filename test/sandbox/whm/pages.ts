/** assumed: how these pages look. documented: which status goes with which. */

/** The log-in form; `trouble` is said above it. */
export function loginPage(trouble = ''): string {
  return page(
    'WHM Login (stand-in)',
    `<h1>WHM</h1>${trouble === '' ? '' : `<p role="alert" id="login-status">${trouble}</p>`}
<form id="login_form" method="post" action="/login/">
<p><label for="user">Username</label> <input id="user" name="user" autocomplete="username" autofocus required></p>
<p><label for="pass">Password</label> <input id="pass" name="pass" type="password" autocomplete="current-password" required></p>
<p><button id="login_submit" type="submit">Log in</button></p>
</form>`,
  );
}

/** documented (field): what an application gets that is not registered. */
export const UNREGISTERED = page(
  'Access denied',
  '<h1>Access denied</h1><p>WHM is configured to disallow execution of unregistered applications when logged in as root or a reseller with the "all" ACL.</p>',
);

export const NO_ACL = page(
  'Access denied',
  '<h1>Access denied</h1><p>You do not have permission to use this application.</p>',
);

export const NOT_FOUND = page(
  'Not found',
  '<h1>Not found</h1><p>The server was not able to find the document.</p>',
);

function page(title: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body>
${body}
</body>
</html>
`;
}
