#if Server
/// A route as the document describes it.
struct OpenAPIRoute: Sendable {
  enum Method: String, Sendable {
    case get, post
  }

  /// A body that a request may have.
  struct Request: Sendable {
    /// A name under `#/components/schemas`.
    var schema: String
    /// Bodies by what they show.
    var examples: [(name: String, body: String)]
  }

  struct Response: Sendable {
    enum Content: Sendable {
      /// No body.
      case none
      /// JSON of a schema under `#/components/schemas`.
      case json(schema: String, example: String)
      /// Text of another media type.
      case text(mediaType: String)
    }

    var status: Int
    var description: String
    var content: Content
  }

  var method: Method
  var path: String
  /// The group that it is shown in.
  var tag: String
  var summary: String
  var request: Request?
  var responses: [Response]
  /// Whether it needs the key, where the server has one.
  var isProtected: Bool
  /// Whether the response has the headers with times.
  var hasComputeHeaders = false
}

extension OpenAPIRoute {
  /// The operation object of OpenAPI 3.1.
  func write(to text: inout JSONText, requiresKey: Bool) {
    text.object { text in
      text.key("tags")
      text.array([tag]) { tag, text in text.string(tag) }
      text.key("summary")
      text.string(summary)
      text.key("operationId")
      text.string(operationID)
      if requiresKey {
        text.key("security")
        text.array(isProtected ? ["ApiKey"] : []) { name, text in
          text.object { text in
            text.key(text: name)
            text.array([String]()) { scope, text in text.string(scope) }
          }
        }
      }
      if let parameter = pathParameter {
        text.key("parameters")
        text.array([parameter]) { name, text in
          text.object { text in
            text.key("name")
            text.string(name)
            text.key("in")
            text.string("path")
            text.key("required")
            text.bool(true)
            text.key("schema")
            text.raw(#"{"type":"string"}"#)
          }
        }
      }
      if let request {
        text.key("requestBody")
        write(request, to: &text)
      }
      text.key("responses")
      text.object { text in
        for response in responses {
          text.key(text: String(response.status))
          write(response, to: &text)
        }
      }
    }
  }

  /// `post_v1_embeddings`, and `post_root` for `/`.
  private var operationID: String {
    let words = path.split { !$0.isLetter && !$0.isNumber }
    return method.rawValue + "_" + (words.isEmpty ? "root" : words.joined(separator: "_"))
  }

  /// What stands in braces in the path.
  private var pathParameter: String? {
    guard let opening = path.firstIndex(of: "{"), path.hasSuffix("}") else { return nil }
    return String(path[path.index(after: opening)...].dropLast())
  }

  private func write(_ request: Request, to text: inout JSONText) {
    text.object { text in
      text.key("required")
      text.bool(true)
      text.key("content")
      text.object { text in
        text.key("application/json")
        text.object { text in
          Self.writeSchema(request.schema, to: &text)
          text.key("examples")
          text.object { text in
            for (name, body) in request.examples {
              text.key(text: name)
              text.object { text in
                text.key("value")
                text.raw(body)
              }
            }
          }
        }
      }
    }
  }

  private func write(_ response: Response, to text: inout JSONText) {
    text.object { text in
      text.key("description")
      text.string(response.description)
      if response.status == 200, hasComputeHeaders {
        text.key("headers")
        Self.writeComputeHeaders(to: &text)
      }
      switch response.content {
      case .none: break
      case .json(let schema, let example):
        text.key("content")
        text.object { text in
          text.key("application/json")
          text.object { text in
            Self.writeSchema(schema, to: &text)
            text.key("example")
            text.raw(example)
          }
        }
      case .text(let mediaType):
        text.key("content")
        text.object { text in
          text.key(text: mediaType)
          text.raw(#"{"schema":{"type":"string"}}"#)
        }
      }
    }
  }

  private static func writeSchema(_ name: String, to text: inout JSONText) {
    text.key("schema")
    text.object { text in
      text.key("$ref")
      text.string("#/components/schemas/\(name)")
    }
  }

  /// The headers of answers of the model, all whole numbers but the first.
  static let computeHeaders = [
    ("x-compute-type", "What computed it"),
    ("x-compute-time", "Milliseconds in all"),
    ("x-compute-characters", "Characters of all inputs"),
    ("x-compute-tokens", "Tokens of all inputs"),
    ("x-total-time", "Milliseconds in all"),
    ("x-tokenization-time", "Milliseconds of tokenization, the mean of the inputs"),
    ("x-queue-time", "Milliseconds in the queue, the mean of the inputs"),
    ("x-inference-time", "Milliseconds in the model, the mean of the inputs"),
    ("x-truncated-inputs", "Inputs that were cut to the length that the model takes"),
  ]

  private static func writeComputeHeaders(to text: inout JSONText) {
    text.object { text in
      for (name, description) in computeHeaders {
        text.key(text: name)
        text.object { text in
          text.key("description")
          text.string(description)
          text.key("schema")
          text.object { text in
            text.key("type")
            text.string(name == "x-compute-type" ? "string" : "integer")
          }
        }
      }
    }
  }
}
#endif
