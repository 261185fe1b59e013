#if Server
import SwiftletJSON

/// The description of the server's interface (OpenAPI 3.1): `openapi.json`, filled in for the model that
/// is served.
///
/// A string `{{name}}` of the file is a placeholder. The operations of the main task's other paths
/// are copies of that task's. A server without a key drops the lines about it; each is a member on
/// one line.
enum OpenAPIDocument {
  /// The document as JSON.
  static func json(info: ServerInfo, requiresKey: Bool) -> String {
    var lines = String(decoding: PackageResources.openapi_json, as: UTF8.self)
      .split(separator: "\n")
    if !requiresKey { lines.removeAll(where: concernsKey) }
    let main = mainPath(info)
    let aliases = ["post_root", "post_invocations", "post_model"].map { name in
      (name, operation(of: main, named: name, in: lines, hasModel: name == "post_model"))
    }
    let document = fill(lines.joined(separator: "\n"), Dictionary(uniqueKeysWithValues: aliases))
    return fill(document, values(info))
  }

  private static func concernsKey(_ line: Substring) -> Bool {
    let member = line.drop { $0 == " " }
    let members = [
      "\"security\":", "\"securitySchemes\":", "\"401\":", "\"Unauthorized\":",
      "\"OpenAIUnauthorized\":",
    ]
    return members.contains { member.hasPrefix($0) }
  }

  /// The path of the model's main task.
  private static func mainPath(_ info: ServerInfo) -> String {
    switch info.modelType {
    case .classifier: "/predict"
    case .reranker: "/rerank"
    case .embedding: info.comparesSentences ? "/similarity" : "/embed"
    }
  }

  /// The `post` operation of a path, by another name, and perhaps with a model's name in its path.
  private static func operation(
    of path: String, named name: String, in lines: [Substring], hasModel: Bool
  ) -> String {
    let operation = lines.drop { $0 != "    \"\(path)\": {" }.dropFirst(2)
      .prefix { !$0.hasPrefix("    }") }
    let renamed = operation.map { line in
      switch line.drop(while: { $0 == " " }).prefix(while: { $0 != ":" }) {
      case "\"summary\"": "        \"summary\": \"Alias of \(path)\","
      case "\"operationId\"":
        "        \"operationId\": \"\(name)\"," + (hasModel ? modelParameter : "")
      default: String(line)
      }
    }
    return "{\n" + renamed.joined(separator: "\n")
  }

  private static let modelParameter =
    #" "parameters": [{"name": "model", "in": "path", "required": true, "schema": {"type": "string"}}],"#

  /// What the server serves.
  private static func subject(_ info: ServerInfo) -> String {
    guard info.models.count > 1 else { return "Serves \(info.servedModelName)." }
    let names = info.models.joined(separator: ", ").bounded(to: 2048)
    return "Serves the models \(names). Paths without a model's name are those of"
      + " \(info.servedModelName), which the examples show."
  }

  /// The values of the placeholders, as JSON.
  private static func values(_ info: ServerInfo) -> [String: String] {
    var labels = ["NEGATIVE", "POSITIVE"]
    if case .classifier(let own) = info.modelType { labels = own }
    // Equal scores: the example shows the form, not an answer of the model.
    let score = 1 / Float(max(labels.count, 1))
    let predictions = labels.map { Prediction(label: $0, score: score) }
    let maximum = info.maxClientBatchSize
    let tooMany = ServerError.batchTooLarge(min(maximum, .max - 1) + 1, maximum: maximum)
    let description =
      subject(info)
      + " Compatible with text-embeddings-inference. The routes of a model also follow"
      + " /models/{model}, as in /models/{model}/predict; /models/{model} alone is its main task."
      + " A request has"
      + " at most \(maximum) inputs, an input at most \(info.maxInputLength) tokens. HEAD works"
      + " wherever GET does."
    return [
      "description": string(description), "version": string(info.version),
      "model": string(info.servedModelName),
      "computeHeaders": ComputeHeaders.document,
      "predictions": String(decoding: ResponseWriter.predictions(predictions), as: UTF8.self),
      "info": String(decoding: ResponseWriter.info(info), as: UTF8.self),
      "batchTooLarge": string(tooMany.message),
      "noReload": string(ServerError.noReload.message),
      "reloading": string(ModelLoader.busy(info.servedModelName).message),
      "notReloaded": string(
        ServerError.notReloaded(
          info.servedModelName, "there is no folder path/to/model; check the path", status: 424
        ).message),
      "noModel": string(ServerError.noModel("other", served: [info.servedModelName]).message),
    ]
  }

  private static func string(_ value: String) -> String {
    var text = JSONBuilder()
    text.string(value)
    return String(decoding: text.bytes, as: UTF8.self)
  }

  /// Replaces the placeholders that have a value.
  private static func fill(_ text: String, _ values: [String: String]) -> String {
    let parts = text.split(separator: "\"{{", omittingEmptySubsequences: false)
    return parts.dropFirst().reduce(into: String(parts[0])) { filled, part in
      let name = String(part.prefix { $0 != "}" })
      if let value = values[name] {
        filled += value + part.dropFirst(name.count + 3)
      } else {
        filled += "\"{{" + part
      }
    }
  }
}
#endif
