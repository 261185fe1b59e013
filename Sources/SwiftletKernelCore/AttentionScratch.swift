extension UnsafeMutablePointer<Float> {
  /// The part of an attention head's scratch at one of its layout's offsets.
  @inlinable @inline(__always)
  func part<Element>(_ offset: Int, of type: Element.Type) -> UnsafeMutablePointer<Element> {
    UnsafeMutableRawPointer(self + offset).assumingMemoryBound(to: type)
  }
}
