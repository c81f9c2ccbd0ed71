"""The control door: the services as JSON over HTTP, described by OpenAPI, closed to web pages of other origins."""
