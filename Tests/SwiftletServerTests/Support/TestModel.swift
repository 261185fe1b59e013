#if Server
/// Models and other files that are in the repository.
enum TestModel {
  private static let root = #filePath.split(separator: "/").dropLast(4)
    .reduce("") { $0 + "/" + $1 }

  /// Two labels, real weights.
  static let sentiment = root + "/weights/sentiment"
  /// One label, 48 tokens, pairs.
  static let reranker = head("reranker")
  /// Mean pooling, 32 tokens, 20 coordinates, the prompts `query` (the default one) and `document`.
  static let embedder = head("embed-mean")
  /// First token, normalised, no default prompt.
  static let firstTokenEmbedder = head("embed-cls")
  /// BERT, three labels of pairs.
  static let entailment = head("bert-nli")
  /// A token classifier, which has no route.
  static let tokens = head("tokens")

  /// A body for `/predict` that is more than a second's work, 32 inputs of as many tokens as the model
  /// takes.
  static let longBatch =
    #"{"inputs": ["#
    + repeatElement("[\"" + String(repeating: "good ", count: 600) + "\"]", count: 32)
    .joined(separator: ",") + "]}"

  /// A certificate of `localhost`, and its key.
  static let certificate = root + "/Tests/Fixtures/tls/certificate.pem"
  static let certificateKey = root + "/Tests/Fixtures/tls/key.pem"
  /// Another certificate of `localhost`, and its key.
  static let renewedCertificate = root + "/Tests/Fixtures/tls/renewed.pem"
  static let renewedKey = root + "/Tests/Fixtures/tls/renewed-key.pem"

  static let fixtures = root + "/Tests/Fixtures"

  private static func head(_ name: String) -> String { root + "/Tests/Fixtures/heads/" + name }
}
#endif
