#if Server
import SwiftletJSON

/// The bodies of all responses; keys stand in the order of text-embeddings-inference.
enum ResponseWriter {
  // MARK: Predictions and ranks

  /// The labels of a single input, in the order given.
  static func predictions(_ predictions: [Prediction]) -> [UInt8] {
    var text = JSONBuilder(capacity: 2 + 64 * predictions.count)
    write(predictions, to: &text)
    return text.bytes
  }

  /// The labels of each input of a batch.
  static func predictions(batch: [[Prediction]]) -> [UInt8] {
    var text = JSONBuilder(capacity: 2 + 64 * batch.reduce(0) { $0 + $1.count })
    text.array(batch) { predictions, text in write(predictions, to: &text) }
    return text.bytes
  }

  private static func write(_ predictions: [Prediction], to text: inout JSONBuilder) {
    text.array(predictions) { prediction, text in
      text.object { text in
        text.member("score", prediction.score)
        text.member("label", prediction.label)
      }
    }
  }

  static func ranks(_ ranks: [Rank]) -> [UInt8] {
    var text = JSONBuilder(capacity: 2 + 48 * ranks.count)
    text.array(ranks) { rank, text in
      text.object { text in
        text.member("index", rank.index)
        if let original = rank.text {
          text.member("text", original)
        }
        text.member("score", rank.score)
      }
    }
    return text.bytes
  }

  // MARK: Embeddings

  static func embeddings(_ embeddings: [[Float]]) -> [UInt8] {
    var text = JSONBuilder(capacity: 2 + 13 * embeddings.reduce(0) { $0 + $1.count })
    text.array(embeddings) { embedding, text in write(embedding, to: &text) }
    return text.bytes
  }

  /// The rows of each text's tokens; `texts` holds them one after another, `width` numbers each.
  static func tokenEmbeddings(_ texts: [[Float]], width: Int) -> [UInt8] {
    precondition(width > 0)
    var text = JSONBuilder(capacity: 2 + 13 * texts.reduce(0) { $0 + $1.count })
    text.array(texts) { rows, text in
      text.array(stride(from: 0, to: rows.count, by: width)) { start, text in
        write(rows[start..<min(start + width, rows.count)], to: &text)
      }
    }
    return text.bytes
  }

  /// Cosines of `/similarity`.
  static func similarities(_ similarities: [Float]) -> [UInt8] {
    var text = JSONBuilder(capacity: 2 + 13 * similarities.count)
    write(similarities, to: &text)
    return text.bytes
  }

  private static func write(_ values: some Sequence<Float>, to text: inout JSONBuilder) {
    text.array(values) { value, text in text.number(value) }
  }

  static func openAIEmbeddings(
    _ embeddings: [[Float]], format: OpenAIEmbeddingsRequest.EncodingFormat, model: String,
    promptTokens: Int
  ) -> [UInt8] {
    var text = JSONBuilder(capacity: 256 + 13 * embeddings.reduce(0) { $0 + $1.count })
    text.object { text in
      text.member("object", "list")
      text.key("data")
      text.array(embeddings.enumerated()) { item, text in
        text.object { text in
          text.member("object", "embedding")
          text.key("embedding")
          switch format {
          case .float: write(item.element, to: &text)
          case .base64: text.quoted(Base64.encode(item.element))
          }
          text.member("index", item.offset)
        }
      }
      text.member("model", model)
      text.key("usage")
      text.object { text in
        text.member("prompt_tokens", promptTokens)
        text.member("total_tokens", promptTokens)
      }
    }
    return text.bytes
  }

  // MARK: Tokens

  static func tokens(_ texts: [[TokenInfo]]) -> [UInt8] {
    var text = JSONBuilder(capacity: 2 + 72 * texts.reduce(0) { $0 + $1.count })
    text.array(texts) { tokens, text in
      text.array(tokens) { token, text in
        text.object { text in
          text.member("id", token.id)
          text.member("text", token.text)
          text.member("special", token.isSpecial)
          text.member("start", token.range?.lowerBound)
          text.member("stop", token.range?.upperBound)
        }
      }
    }
    return text.bytes
  }

  /// The texts of `/decode`.
  static func texts(_ texts: [String]) -> [UInt8] {
    var text = JSONBuilder()
    text.array(texts) { string, text in text.string(string) }
    return text.bytes
  }

  // MARK: Errors

  static func error(_ error: ServerError) -> [UInt8] {
    var text = JSONBuilder()
    text.object { text in
      text.member("error", error.message)
      text.member("error_type", error.type.rawValue)
    }
    return text.bytes
  }

  /// An error on the OpenAI routes.
  static func openAIError(_ error: ServerError) -> [UInt8] {
    var text = JSONBuilder()
    text.object { text in
      text.member("message", error.message)
      text.member("code", error.status)
      text.member("type", error.type.rawValue)
    }
    return text.bytes
  }
}
#endif
