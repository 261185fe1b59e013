#if Server
/// The description of the server's interface (OpenAPI 3.1), for the model that it serves: what `/` is,
/// which labels there are, which limits hold.
enum OpenAPIDocument {
  /// The document as JSON.
  static func json(info: ServerInfo, requiresKey: Bool) -> String {
    var text = JSONText(capacity: 1 << 16)
    text.object { text in
      text.key("openapi")
      text.string("3.1.0")
      text.key("info")
      text.object { text in
        text.key("title")
        text.string("Swiftlet server")
        text.key("description")
        text.string(
          "Serves \(info.servedModelName). Compatible with text-embeddings-inference; takes up to"
            + " \(info.maxClientBatchSize) inputs a request and \(info.maxInputLength) tokens an"
            + " input. HEAD works wherever GET does.")
        text.key("license")
        text.raw(#"{"name":"Apache-2.0","url":"https://www.apache.org/licenses/LICENSE-2.0"}"#)
        text.key("version")
        text.string(info.version)
      }
      text.key("paths")
      writePaths(routes(info: info, requiresKey: requiresKey), requiresKey, to: &text)
      text.key("components")
      writeComponents(requiresKey, to: &text)
    }
    return String(decoding: text.bytes, as: UTF8.self)
  }

  private static func writePaths(
    _ routes: [OpenAPIRoute], _ requiresKey: Bool, to text: inout JSONText
  ) {
    var paths: [String] = []
    for route in routes where !paths.contains(route.path) { paths.append(route.path) }
    text.object { text in
      for path in paths {
        text.key(text: path)
        text.object { text in
          for route in routes where route.path == path {
            text.key(text: route.method.rawValue)
            route.write(to: &text, requiresKey: requiresKey)
          }
        }
      }
    }
  }

  private static func writeComponents(_ requiresKey: Bool, to text: inout JSONText) {
    text.object { text in
      text.key("schemas")
      text.object { text in
        for (name, schema) in OpenAPISchemas.all {
          text.key(text: name)
          text.raw(schema)
        }
      }
      if requiresKey {
        text.key("securitySchemes")
        text.raw(#"{"ApiKey":{"type":"http","scheme":"bearer"}}"#)
      }
    }
  }
}
#endif
