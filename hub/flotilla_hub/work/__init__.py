"""From a binding and its template to one Work per cluster. Pure; the controllers publish what is built here."""
