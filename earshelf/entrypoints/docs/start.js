// a file of its own, so that the page needs no inline script
window.ui = SwaggerUIBundle({
  url: "docs/json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  // the standard validator is a foreign server
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: "BaseLayout",
});
