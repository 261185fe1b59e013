#if Server
import HTTPTypes
import SwiftletJSON

/// The headers that describe a computation: those of text-embeddings-inference, and the number of
/// truncated inputs. Times are whole milliseconds.
enum ComputeHeaders {
  struct Header: Sendable {
    let name: HTTPField.Name
    /// For the OpenAPI document.
    let description: String
    let isNumber: Bool
    let value: @Sendable (InferenceCall.Work) -> String

    fileprivate init(
      _ text: String, _ description: String, isNumber: Bool = true,
      value: @escaping @Sendable (InferenceCall.Work) -> String
    ) {
      guard let name = HTTPField.Name(text) else {
        preconditionFailure("\(text) is not the name of a field")
      }
      self.name = name
      self.description = description
      self.isNumber = isNumber
      self.value = value
    }
  }

  static let all = [
    Header("x-compute-type", "Kind of backend", isNumber: false) { _ in "cpu+optimized" },
    Header("x-compute-time", "Total time in milliseconds") { milliseconds($0.durations.total) },
    Header("x-compute-characters", "Characters in all inputs") { "\($0.characters)" },
    Header("x-compute-tokens", "Tokens in all inputs") { "\($0.tokens)" },
    Header("x-total-time", "Total time in milliseconds") { milliseconds($0.durations.total) },
    Header("x-tokenization-time", "Tokenization in milliseconds, mean over the inputs") {
      milliseconds($0.durations.tokenization)
    },
    Header("x-queue-time", "Time in the queue in milliseconds, mean over the inputs") {
      milliseconds($0.durations.queue)
    },
    Header("x-inference-time", "Time in the model in milliseconds, mean over the inputs") {
      milliseconds($0.durations.inference)
    },
    Header("x-truncated-inputs", "Inputs that were truncated to the model's maximum length") {
      "\($0.truncated)"
    },
  ]

  static func fields(_ work: InferenceCall.Work) -> HTTPFields {
    var fields = HTTPFields()
    fields.reserveCapacity(12)
    for header in all { fields.append(HTTPField(name: header.name, value: header.value(work))) }
    return fields
  }

  /// The headers of a response in an OpenAPI document.
  static let document: String = {
    var text = JSONBuilder()
    text.object { text in
      for header in all {
        text.key(text: header.name.canonicalName)
        text.object { text in
          text.key("description")
          text.string(header.description)
          text.key("schema")
          text.object { text in
            text.key("type")
            text.string(header.isNumber ? "integer" : "string")
          }
        }
      }
    }
    return String(decoding: text.bytes, as: UTF8.self)
  }()

  private static func milliseconds(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    return String(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
  }
}
#endif
