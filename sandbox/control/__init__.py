"""The control door: the services as JSON over HTTP, described by OpenAPI, guarded against web pages of other origins."""
