"""The native API, ``/api/v1``: JSON, bearer tokens, problem details, events. docs/native-api.md describes it."""
