"""The native API's description in OpenAPI, made from what serves it."""
