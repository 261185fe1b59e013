extension Tokenizer {
  /// Encodes many texts; the result does not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - texts: Each is encoded as by ``encode(_:pair:options:)``.
  ///   - options: Padding to the longest pads to the longest text of the batch.
  ///   - threads: The number of threads, including the caller's. The others exist only during the
  ///     call; a small batch is encoded on the caller's thread.
  /// - Returns: One encoding for each text, in the same order.
  public func encodeBatch(
    _ texts: [String], options: EncodingOptions = EncodingOptions(), threads: Int = 1
  ) -> [Encoding] {
    batch(sizes: texts.map(\.utf8.count), options, threads) { index in
      TokenizedTexts(texts[index], nil, core, addSpecialTokens: options.addSpecialTokens)
    }
  }

  /// Encodes many pairs of texts; see ``encodeBatch(_:options:threads:)``.
  public func encodeBatch(
    pairs: [(text: String, pair: String)],
    options: EncodingOptions = EncodingOptions(),
    threads: Int = 1
  ) -> [Encoding] {
    let sizes = pairs.map { $0.text.utf8.count + $0.pair.utf8.count }
    return batch(sizes: sizes, options, threads) { index in
      TokenizedTexts(
        pairs[index].text, pairs[index].pair, core, addSpecialTokens: options.addSpecialTokens)
    }
  }

  private func batch(
    sizes: [Int],
    _ options: EncodingOptions,
    _ threads: Int,
    _ texts: @escaping @Sendable (Int) -> TokenizedTexts
  ) -> [Encoding] {
    var encodings = Self.share(sizes, threads) { texts($0).encoding(options) }
    guard let padding = options.padding else { return encodings }
    let target = padding.target(longest: encodings.reduce(0) { max($0, $1.count) })
    for index in encodings.indices { encodings[index].pad(to: target, padding) }
    return encodings
  }

  /// Calls `body` with the index of each text on several threads; the sizes in bytes balance the
  /// work.
  private static func share<Result>(
    _ sizes: [Int], _ threads: Int, _ body: @escaping @Sendable (Int) -> Result
  ) -> [Result] {
    let pieces = pieces(of: sizes)
    guard threads > 1, pieces.count > 1 else { return sizes.indices.map(body) }
    return [Result](unsafeUninitializedCapacity: sizes.count) { buffer, count in
      let places = Places(base: buffer.baseAddress)
      WorkShare.run(pieces.count, over: threads) { piece in
        for index in pieces[piece] { places.put(body(index), at: index) }
      }
      count = sizes.count
    }
  }

  /// The number of bytes of text in one unit of work.
  private static let pieceSize = 8192

  private static func pieces(of sizes: [Int]) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var (start, bytes) = (0, 0)
    for (index, size) in sizes.enumerated() {
      bytes += size
      guard bytes >= pieceSize || index == sizes.count - 1 else { continue }
      pieces.append(start..<index + 1)
      (start, bytes) = (index + 1, 0)
    }
    return pieces
  }
}

/// The result buffer: one thread writes each place once, before all are read.
private struct Places<Result>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Result>?

  func put(_ result: Result, at index: Int) { (base.map { $0 + index })?.initialize(to: result) }
}
