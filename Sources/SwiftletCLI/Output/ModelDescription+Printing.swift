import Glibc
import Swiftlet
import SwiftletCheckpoint
import SwiftletJSON

extension ModelDescription {
  static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  // MARK: JSON

  var json: JSONValue {
    .object([
      ("path", .string(path)),
      ("architectures", .array(architectures.map(JSONValue.string))),
      ("tasks", .array(tasks.map { .string($0.rawValue) })),
      ("commands", .array(tasks.flatMap(\.commands).map(JSONValue.string))),
      ("config", settings.isEmpty ? .null : .object(settings)),
      ("labels", .array(labels.map(JSONValue.string))),
      ("tokenizer", tokenizer.isEmpty ? .null : .object(tokenizer)),
      ("parameters", .int(parameterCount)),
      ("tensor_bytes", .int(byteCount)),
      ("data_types", .array(totals.map(Self.json))),
      ("files", .array(files.map(Self.json))),
      ("formats", .array(formats.map(Self.json))),
      ("graph", graph?.json ?? .null),
      ("metadata", .object(metadata)),
      ("tensors", .array(tensors.map(Self.json))),
    ])
  }

  private static func json(
    _ total: (dataType: String, tensors: Int, elements: Int, bytes: Int)
  ) -> JSONValue {
    .object([
      ("dtype", .string(total.dataType)), ("tensors", .int(total.tensors)),
      ("parameters", .int(total.elements)), ("bytes", .int(total.bytes)),
    ])
  }

  private static func json(_ file: FileSummary) -> JSONValue {
    .object([("path", .string(file.path)), ("bytes", .int(file.bytes))])
  }

  private static func json(_ found: WeightFormat.Found) -> JSONValue {
    .object([
      ("format", .string(found.format.rawValue)), ("file", .string(found.file)),
      ("used", .bool(found.isUsed)),
    ])
  }

  private static func json(_ tensor: TensorSummary) -> JSONValue {
    .object([
      ("name", .string(tensor.name)), ("dtype", .string(tensor.dataType)),
      ("shape", .array(tensor.shape.map(JSONValue.int))),
      ("parameters", .int(tensor.elementCount)), ("bytes", .int(tensor.byteCount)),
    ])
  }

  // MARK: Text

  func text(on terminal: Terminal) -> String {
    var sections = [summary(on: terminal)]
    sections.append(Self.list("weights", weights, on: terminal))
    if let graph { sections.append(Self.list("graph", graph.members, on: terminal)) }
    if !purpose.isEmpty { sections.append(Self.list("purpose", purpose, on: terminal)) }
    if !settings.isEmpty { sections.append(Self.list("configuration", settings, on: terminal)) }
    if !labels.isEmpty { sections.append(labelList(on: terminal)) }
    if !tokenizer.isEmpty { sections.append(Self.list("tokenizer", tokenizer, on: terminal)) }
    if !metadata.isEmpty {
      sections.append(Self.list("metadata", metadata, on: terminal))
    }
    sections.append(tensorTable(on: terminal))
    return sections.joined(separator: "\n")
  }

  /// `architectures`, and each task with its commands.
  private var purpose: [JSONValue.Member] {
    let names = architectures.joined(separator: ", ")
    return (names.isEmpty ? [] : [("architectures", .string(names))])
      + tasks.map { task in
        let commands = task.commands.map { "swiftlet \($0)" }.joined(separator: ", ")
        return (task.rawValue, .string(commands))
      }
  }

  /// Each format with its file, and whether loading uses it.
  private var weights: [JSONValue.Member] {
    formats.map { found in
      let use = found.isUsed ? "used" : found.format.isRead ? "not used" : "not read"
      let kind = found.isUsed ? int8.map { ", \($0)" } ?? "" : ""
      return (
        found.format.rawValue, .string("\(Self.lastComponent(of: found.file)), \(use)\(kind)")
      )
    }
  }

  /// What is int8 in Swiftlet's own format; nil for other weights.
  private var int8: String? {
    func value(_ key: String) -> String? {
      for case (key, .string(let value)) in metadata { return value }
      return nil
    }
    guard value(QuantizedFormat.formatKey) == QuantizedFormat.name else { return nil }
    switch value(QuantizedFormat.versionKey).flatMap(QuantizedFormat.Version.init) {
    case .one: return "linear layers in int8"
    case .two: return "linear layers and word embeddings in int8"
    case nil: return "int8 of a version that this Swiftlet does not read"
    }
  }

  private func summary(on terminal: Terminal) -> String {
    let parameters = NumberText.grouped(parameterCount)
    var text = TextStyle.bold.apply(to: path, on: terminal) + "\n"
    text += "\(parameters) parameters in \(NumberText.grouped(tensors.count)) tensors"
    text += ", \(NumberText.size(bytes: byteCount))\n"
    for file in files {
      text += "\(Self.lastComponent(of: file.path))  \(NumberText.size(bytes: file.bytes))\n"
    }
    return text
  }

  private static func list(
    _ title: String, _ settings: [JSONValue.Member], on terminal: Terminal
  ) -> String {
    let widest = settings.reduce(0) { max($0, DisplayText.width(of: $1.key)) }
    let nameWidth = min(widest, 40)
    var text = TextStyle.bold.apply(to: title, on: terminal) + "\n"
    for setting in settings {
      let name = DisplayText.pad(DisplayText.shorten(setting.key, to: nameWidth), to: nameWidth)
      let room = max(20, terminal.width - nameWidth - 4)
      text += "  \(name)  \(DisplayText.shorten(plain(setting.value), to: room))\n"
    }
    return text
  }

  /// A value for people: strings without quotes, `-` for null.
  private static func plain(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): text
    case .null: "-"
    case .bool(let flag): flag ? "yes" : "no"
    case .object(let members):
      members.map { "\($0.0) \(plain($0.1))" }.joined(separator: ", ")
    default: String(decoding: value.json, as: UTF8.self)
    }
  }

  private func labelList(on terminal: Terminal) -> String {
    let shown = labels.count > 24 ? labels.prefix(20) : labels[...]
    var text = TextStyle.bold.apply(to: "labels", on: terminal) + "\n"
    let width = String(labels.count - 1).count
    for (index, label) in shown.enumerated() {
      let number = DisplayText.pad(String(index), to: width, alignRight: true)
      text +=
        "  \(number)  \(DisplayText.shorten(label, to: max(20, terminal.width - width - 4)))\n"
    }
    let rest = labels.count - shown.count
    return rest > 0 ? text + "  … and \(rest) more; --json lists them all\n" : text
  }

  private static let shapeLimit = 30

  private static func text(ofShape shape: [Int]) -> String {
    shape.isEmpty ? "-" : shape.map(String.init).joined(separator: " x ")
  }

  private func tensorTable(on terminal: Terminal) -> String {
    var grid = TextGrid(alignments: [.left, .left, .right, .right])
    grid.cutsStart = true
    grid.add(["tensor", "dtype", "shape", "size"])
    for tensor in tensors {
      let shape = Self.text(ofShape: tensor.shape)
      grid.add([
        tensor.name, tensor.dataType, DisplayText.shorten(shape, to: Self.shapeLimit),
        NumberText.size(bytes: tensor.byteCount),
      ])
    }
    var sums = TextGrid(alignments: [.left, .right, .right, .right])
    sums.add(["dtype", "tensors", "parameters", "size"])
    for total in totals {
      sums.add([
        total.dataType, NumberText.grouped(total.tensors), NumberText.grouped(total.elements),
        NumberText.size(bytes: total.bytes),
      ])
    }
    return grid.text(on: terminal) + "\n" + sums.text(on: terminal)
  }

  private static func lastComponent(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}
