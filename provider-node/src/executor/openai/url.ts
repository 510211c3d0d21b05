/** Whether this is a base URL as OpenAI's clients take it, which holds no secret and leaves no doubt about paths. */
export function isServerUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return false;
  return /\/v1\/?$/.test(url.pathname) && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}
