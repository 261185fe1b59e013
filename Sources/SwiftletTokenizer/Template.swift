/// The post-processor: where special tokens are added around the texts.
struct Template: Sendable, Equatable {
  enum Piece: Sendable, Equatable {
    case special(ids: [Int32], typeID: Int32)
    case first(typeID: Int32)
    case second(typeID: Int32)

    var typeID: Int32 {
      switch self {
      case .special(_, let typeID), .first(let typeID), .second(let typeID): typeID
      }
    }
  }

  var single: [Piece]
  var pair: [Piece]

  /// BERT's `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`, with type 1 for the second text.
  static func bert(cls: Int32, sep: Int32) -> Template {
    let single: [Piece] = [
      .special(ids: [cls], typeID: 0), .first(typeID: 0), .special(ids: [sep], typeID: 0),
    ]
    return Template(
      single: single, pair: single + [.second(typeID: 1), .special(ids: [sep], typeID: 1)])
  }

  /// Adds no special tokens.
  static let plain = Template(
    single: [.first(typeID: 0)], pair: [.first(typeID: 0), .second(typeID: 1)])

  static func specialCount(_ pieces: [Piece]) -> Int {
    pieces.reduce(0) { count, piece in
      if case .special(let ids, _) = piece { count + ids.count } else { count }
    }
  }
}
