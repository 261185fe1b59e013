#if Server
import HTTPTypes

/// What text-embeddings-inference says about a computation in the headers of its response, and how
/// many inputs were cut, which it does not say; times are whole milliseconds.
enum ComputeHeaders {
  static let type = name("x-compute-type")
  static let time = name("x-compute-time")
  static let characters = name("x-compute-characters")
  static let tokens = name("x-compute-tokens")
  static let totalTime = name("x-total-time")
  static let tokenizationTime = name("x-tokenization-time")
  static let queueTime = name("x-queue-time")
  static let inferenceTime = name("x-inference-time")
  static let truncatedInputs = name("x-truncated-inputs")

  static let all = [
    type, time, characters, tokens, totalTime, tokenizationTime, queueTime, inferenceTime,
    truncatedInputs,
  ]

  static func fields(_ work: InferenceCall.Work) -> HTTPFields {
    var fields = HTTPFields()
    fields.reserveCapacity(12)
    let total = milliseconds(work.durations.total)
    for (name, value) in [
      (type, "cpu+optimized"), (time, total), (characters, String(work.characters)),
      (tokens, String(work.tokens)), (totalTime, total),
      (tokenizationTime, milliseconds(work.durations.tokenization)),
      (queueTime, milliseconds(work.durations.queue)),
      (inferenceTime, milliseconds(work.durations.inference)),
      (truncatedInputs, String(work.truncated)),
    ] {
      fields.append(HTTPField(name: name, value: value))
    }
    return fields
  }

  private static func milliseconds(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    return String(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
  }

  private static func name(_ text: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(text) else {
      preconditionFailure("\(text) is not a field's name")
    }
    return name
  }
}
#endif
