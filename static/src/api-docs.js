// The API's documentation: Swagger UI, which the page has loaded, with the description from this server.
// Requests are tried with the reader's own session; a write carries the page's CSRF token.
const place = document.getElementById("docs");
const token = document.querySelector("[name=csrfmiddlewaretoken]").value;

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
