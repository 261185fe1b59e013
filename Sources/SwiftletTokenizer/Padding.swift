/// Padding of encodings to a common length, for engines that don't pack batches.
public struct Padding: Sendable, Equatable {
  /// The length to which encodings are padded.
  public enum Length: Sendable, Equatable {
    /// The length of the longest encoding in the batch.
    case longest
    /// A number of tokens; longer encodings are unchanged.
    case fixed(Int)
  }

  /// The length to which encodings are padded.
  public var length: Length
  /// If set, the length is rounded up to a multiple of it.
  public var multiple: Int?
  /// The end of the encoding that is padded.
  public var side: TextSide
  /// The id of the padding token, such as ``Tokenizer/padID``.
  public var id: Int32
  /// The type id of the padding tokens.
  public var typeID: Int32

  /// Creates a padding to the right by default.
  public init(
    length: Length = .longest,
    multiple: Int? = nil,
    side: TextSide = .right,
    id: Int32,
    typeID: Int32 = 0
  ) {
    self.length = length
    self.multiple = multiple
    self.side = side
    self.id = id
    self.typeID = typeID
  }

  /// Returns the padded length of a batch whose longest encoding has `longest` tokens.
  func target(longest: Int) -> Int {
    let length =
      switch length {
      case .longest: longest
      case .fixed(let length): length
      }
    guard let multiple, multiple > 0, length > 0, length % multiple > 0 else { return length }
    let (sum, overflow) = length.addingReportingOverflow(multiple - length % multiple)
    return overflow ? length : sum
  }
}

extension Encoding {
  /// Pads to `count` tokens; does nothing if there are as many.
  mutating func pad(to count: Int, _ padding: Padding) {
    let missing = count - ids.count
    guard missing > 0 else { return }
    func fill<Element>(_ elements: inout [Element], _ element: Element) {
      let place = padding.side == .left ? 0 : elements.count
      elements.insert(contentsOf: repeatElement(element, count: missing), at: place)
    }
    fill(&ids, padding.id)
    fill(&typeIDs, padding.typeID)
    fill(&specialTokensMask, 1)
    fill(&offsets, 0..<0)
    fill(&wordIDs, nil)
    fill(&sequenceIDs, nil)
    if padding.side == .left { paddingBefore += missing } else { paddingAfter += missing }
  }
}
