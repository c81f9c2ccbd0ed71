"""The control door: the errands as JSON over HTTP, described by OpenAPI, guarded against web pages of other origins."""
