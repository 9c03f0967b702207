// The API's documentation: Swagger UI, which the page has loaded, with the description from this server.
// Requests are tried with the reader's own session; a write carries the page's CSRF token.
const place = document.getElementById("docs");
const token = document.querySelector("[name=csrfmiddlewaretoken]").value;

// Dark where the reader's system is, also when that changes.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (request.method && request.method.toUpperCase() !== "GET") request.headers["X-CSRFToken"] = token;
    return request;
  },
});
