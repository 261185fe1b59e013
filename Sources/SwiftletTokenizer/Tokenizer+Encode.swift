extension Tokenizer {
  /// The tokens of a text, or of a pair of texts, with everything known about each.
  ///
  /// Any text has an encoding: what the vocabulary can't spell becomes `[UNK]`. Takes time linear in
  /// the length of the text, words of any length included.
  public func encode(
    _ text: String,
    pair: String? = nil,
    options: EncodingOptions = EncodingOptions()
  ) -> Encoding {
    let first = core.tokenize(text, into: DetailSink())
    let second = pair.map { core.tokenize($0, into: DetailSink()) }
    let pieces = pair == nil ? core.template.single : core.template.pair
    let specials = options.addSpecialTokens ? Template.specialCount(pieces) : 0
    let kept = kept(first.ids.count, second?.ids.count, specials: specials, options)

    var encoding = Encoding()
    encoding.tokenCountBeforeTruncation = specials
    for piece in pieces {
      switch piece {
      case .special(let ids, let typeID):
        if options.addSpecialTokens { encoding.append(special: ids, typeID: typeID) }
      case .first(let typeID):
        encoding.append(first, keeping: kept.first, sequence: 0, typeID: typeID)
      case .second(let typeID):
        guard let second else { continue }
        encoding.append(second, keeping: kept.second, sequence: 1, typeID: typeID)
      }
    }
    if let maxLength = options.maxLength { encoding.cut(to: max(maxLength, 0)) }
    return encoding
  }

  private func kept(
    _ first: Int,
    _ second: Int?,
    specials: Int,
    _ options: EncodingOptions
  ) -> (first: Int, second: Int) {
    guard let maxLength = options.maxLength else { return (first, second ?? 0) }
    let room = max(max(maxLength, 0) - specials, 0)
    guard let second else { return (min(first, room), 0) }
    return options.truncation.kept(first: first, second: second, room: room)
  }

  /// Appends the ids of a text, special tokens around it, to `ids`: the way for an engine that packs
  /// a batch.
  ///
  /// Allocates nothing per token, and nothing for `ids` that have the capacity. At most `maxLength` ids are appended; the ids are those that
  /// ``encode(_:pair:options:)`` gives.
  /// - Returns: The number of tokens that the text has without truncation.
  @discardableResult
  public func encode(_ text: String, into ids: inout [Int32], maxLength: Int? = nil) -> Int {
    let pieces = core.template.single
    let room = max(max(maxLength ?? .max, 0) - Template.specialCount(pieces), 0)
    let start = ids.count
    var total = 0
    for piece in pieces {
      switch piece {
      case .special(let special, _):
        ids.append(contentsOf: special)
        total += special.count
      case .first, .second:
        var taken: [Int32] = []
        swap(&taken, &ids)
        let sink = core.tokenize(text, into: IDSink(appendingTo: taken, limit: room))
        total += sink.count
        ids = sink.ids
      }
    }
    if let maxLength, ids.count - start > max(maxLength, 0) {
      ids.removeLast(ids.count - start - max(maxLength, 0))
    }
    return total
  }

  /// As ``encode(_:into:maxLength:)``, for a pair of texts.
  @discardableResult
  public func encode(
    _ text: String,
    pair: String,
    into ids: inout [Int32],
    maxLength: Int? = nil,
    truncation: TruncationStrategy = .longestFirst
  ) -> Int {
    let first = core.tokenize(text, into: IDSink(appendingTo: [], limit: .max)).ids
    let second = core.tokenize(pair, into: IDSink(appendingTo: [], limit: .max)).ids
    let specials = Template.specialCount(core.template.pair)
    let options = EncodingOptions(maxLength: maxLength, truncation: truncation)
    let kept = kept(first.count, second.count, specials: specials, options)
    let start = ids.count
    var total = specials
    for piece in core.template.pair {
      switch piece {
      case .special(let special, _): ids.append(contentsOf: special)
      case .first:
        ids.append(contentsOf: first.prefix(kept.first))
        total += first.count
      case .second:
        ids.append(contentsOf: second.prefix(kept.second))
        total += second.count
      }
    }
    if let maxLength, ids.count - start > max(maxLength, 0) {
      ids.removeLast(ids.count - start - max(maxLength, 0))
    }
    return total
  }
}

extension Encoding {
  fileprivate mutating func append(special: [Int32], typeID: Int32) {
    ids += special
    typeIDs += repeatElement(typeID, count: special.count)
    specialTokensMask += repeatElement(1, count: special.count)
    offsets += repeatElement(0..<0, count: special.count)
    wordIDs += repeatElement(nil, count: special.count)
    sequenceIDs += repeatElement(nil, count: special.count)
  }

  fileprivate mutating func append(
    _ tokens: DetailSink,
    keeping count: Int,
    sequence: Int,
    typeID: Int32
  ) {
    ids += tokens.ids.prefix(count)
    typeIDs += repeatElement(typeID, count: count)
    specialTokensMask += repeatElement(0, count: count)
    offsets += tokens.offsets.prefix(count)
    wordIDs += tokens.words.lazy.prefix(count).map { Optional($0) }
    sequenceIDs += repeatElement(Optional(sequence), count: count)
    tokenCountBeforeTruncation += tokens.ids.count
  }

  fileprivate mutating func cut(to count: Int) {
    let surplus = ids.count - count
    guard surplus > 0 else { return }
    ids.removeLast(surplus)
    typeIDs.removeLast(surplus)
    specialTokensMask.removeLast(surplus)
    offsets.removeLast(surplus)
    wordIDs.removeLast(surplus)
    sequenceIDs.removeLast(surplus)
  }
}
