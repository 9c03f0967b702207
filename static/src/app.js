// Every page loads this one script. The Content-Security-Policy allows no inline script, no inline style
// and no eval, so htmx is set up by a meta tag in the base template and not here:
//   <meta name="htmx-config" content='{"includeIndicatorStyles": false, "allowEval": false}'>
// Without allowEval, hx-on, hx-vals="js:…" and trigger filters do nothing: behaviour is written in this folder.
import "htmx.org";

// Dropdown and collapse work by data attributes (data-bs-toggle) once they are loaded.
import "@tabler/core/js/src/bootstrap/dropdown";
import "@tabler/core/js/src/bootstrap/collapse";
