import SwiftletSystem
import SwiftletTestSupport
import Testing

@testable import SwiftletSafetensors

@Suite struct StoredTensorTests {
  /// A checkpoint with the tensor `test` between two others.
  private func checkpoint<Element: BitwiseCopyable>(
    _ dataType: DataType, _ values: [Element], loading: SafetensorsFile.Loading,
    in directory: TemporaryDirectory
  ) throws -> SafetensorsCheckpoint {
    let path = directory.path + "/model.safetensors"
    let bytes = values.withUnsafeBytes { Array($0) }
    try SafetensorsWriter.write(
      [
        .init(name: "before", dataType: .u64, shape: [1], bytes: Array(repeating: 1, count: 8)),
        .init(name: "test", dataType: dataType, shape: [values.count], bytes: bytes),
        .init(name: "behind", dataType: .u8, shape: [3], bytes: [1, 2, 3]),
      ], metadata: [:], layout: .asGiven, to: path)
    return try SafetensorsCheckpoint(directory: directory.path, loading: loading)
  }

  private func stored<Element: BitwiseCopyable>(
    _ dataType: DataType, _ values: [Element], loading: SafetensorsFile.Loading,
    in directory: TemporaryDirectory
  ) throws -> StoredTensor {
    try #require(
      try checkpoint(dataType, values, loading: loading, in: directory).stored("test"))
  }

  static let loadings = [SafetensorsFile.Loading.mapped, .read]

  @Test(arguments: loadings)
  func `any range is read as floats, and nothing is written around it`(
    loading: SafetensorsFile.Loading
  ) throws {
    let directory = try TemporaryDirectory()
    let values = (0..<100).map { Float16($0) / 4 }
    let tensor = try stored(.f16, values, loading: loading, in: directory)
    for range in [0..<100, 0..<0, 99..<100, 100..<100, 7..<40] {
      let buffer = try AlignedBuffer<Float>(count: range.count + 2)
      for index in 0..<buffer.count { buffer[index] = .nan }
      tensor.readFloats(range, into: buffer.pointer + 1)
      #expect(buffer[0].isNaN && buffer[range.count + 1].isNaN)
      for (index, element) in range.enumerated() {
        #expect(buffer[index + 1] == Float(element) / 4)
      }
    }
  }

  @Test(arguments: loadings)
  func `elements are borrowed in place if type and alignment allow`(
    loading: SafetensorsFile.Loading
  ) throws {
    let directory = try TemporaryDirectory()
    let tensor = try stored(.f32, [1, 2, 3] as [Float], loading: loading, in: directory)
    let floats = try #require(tensor.elements(.f32, as: Float.self))
    #expect((0..<3).map { floats[$0] } == [1, 2, 3])
    #expect(tensor.elements(.i32, as: Int32.self) == nil, "another type")
    #expect(tensor.elements(.f32, as: Double.self) == nil, "another size")
    #expect(tensor.bytes.count == 12)
    // The first tensor begins on a cache line, and this one 8 bytes behind it.
    if loading == .mapped {
      #expect(tensor.elements(.f32, as: Float.self, alignment: 8) != nil)
      #expect(tensor.elements(.f32, as: Float.self, alignment: 64) == nil)
    }
  }

  @Test(arguments: loadings)
  func `releasing a tensor's pages spares the tensors around it`(loading: SafetensorsFile.Loading)
    throws
  {
    let directory = try TemporaryDirectory()
    let values = (0..<100_000).map { Float($0) }
    let checkpoint = try checkpoint(.f32, values, loading: loading, in: directory)
    let tensor = try #require(checkpoint.stored("test"))
    tensor.release(10..<90_000)
    for (name, bytes) in [("before", Array(repeating: UInt8(1), count: 8)), ("behind", [1, 2, 3])] {
      #expect(try checkpoint.withBytes(of: name) { Array($0) } == bytes)
    }
    let buffer = try AlignedBuffer<Float>(count: 10_000)
    for range in [0..<10, 90_000..<100_000] {
      tensor.readFloats(range, into: buffer.pointer)
      #expect((0..<range.count).allSatisfy { buffer[$0] == Float(range.lowerBound + $0) })
    }
    if loading == .mapped {
      tensor.readFloats(50_000..<50_010, into: buffer.pointer)
      #expect(buffer[0] == 50_000, "a mapped file has it still")
    }
  }

  @Test(arguments: loadings, [false, true])
  func `bytes that another object reads too are kept, and those of own memory`(
    loading: SafetensorsFile.Loading, isShared: Bool
  ) throws {
    let directory = try TemporaryDirectory()
    let values = (0..<100_000).map { Float($0) + 1 }
    let stored = try stored(.f32, values, loading: loading, in: directory)
    let copy = try AllocatedTensorMemory(stored.bytes, purpose: "a test")
    for (memory, bytes) in [
      (stored.memory, stored.bytes), (copy, UnsafeRawBufferPointer(copy.bytes)),
    ] {
      let tensor = StoredTensor(
        stored.info, bytes: bytes, in: memory, path: "a", isShared: isShared)
      tensor.release(0..<100_000)
      var found: Float = .nan
      tensor.readFloats(50_000..<50_001, into: &found)
      let isKept = isShared || loading == .mapped || memory is AllocatedTensorMemory
      #expect(found == (isKept ? 50_001 : 0))
    }
  }

  @Test(arguments: [
    ([2, 3], DataType.f32, 24), ([], .f64, 8), ([5, 0], .f16, 0), ([3], .bool, 3), ([2], .f4, 1),
  ])
  func `the description of a tensor has the size of its shape`(
    shape: [Int], dataType: DataType, bytes: Int
  ) throws {
    let info = try #require(TensorInfo(name: "a", dataType: dataType, shape: shape, start: 64))
    #expect(info.dataOffsets == 64..<64 + bytes && info.byteCount == bytes)
    #expect(info.elementCount == shape.reduce(1, *))
  }

  @Test(arguments: [
    ([-1], DataType.f32, 0), ([Int.max, 2], .u8, 0), ([1 << 61], .f32, 0), ([3], .f4, 0),
    ([4], .u8, .max), ([1], .u8, -1),
  ])
  func `a description whose size is no number of bytes is refused`(
    shape: [Int], dataType: DataType, start: Int
  ) {
    #expect(TensorInfo(name: "a", dataType: dataType, shape: shape, start: start) == nil)
  }

  @Test func `the layout as given keeps the order and begins on a cache line`() throws {
    let directory = try TemporaryDirectory()
    for length in 1..<70 {
      let tensors = ["b", "a"].map { name in
        SafetensorsWriter.Tensor(
          name: String(repeating: name, count: length), dataType: name == "a" ? .f32 : .u8,
          shape: [4], bytes: Array(repeating: 1, count: name == "a" ? 16 : 4))
      }
      let path = directory.path + "/model.safetensors"
      try SafetensorsWriter.write(
        tensors, metadata: ["k": "v"], layout: .asGiven, to: path)
      let file = try SafetensorsFile(path: path)
      #expect(file.tensors.map(\.name) == tensors.map(\.name))
      let contents = try FileContents(path: path)
      #expect((contents.bytes.count - 20) % 64 == 0)
    }
  }
}
