import Glibc
import SwiftletSafetensors
import SwiftletTestSupport
import Testing

@Suite struct WriterTests {
  private static let six: [Float] = [0, 1, 2, 3, 4, 5]

  // MARK: Bytes

  @Test(arguments: [
    ("attn.0", [1, 2, 3], 64, ""), ("attn0", [1, 1, 2, 3], 72, "       "),
  ]
  )
  func `the reference's own files come out byte for byte`(
    name: String, shape: [Int], headerLength: UInt64, padding: String
  ) throws {
    let list = shape.map { "\($0)" }.joined(separator: ",")
    let header =
      #"{"\#(name)":{"dtype":"F32","shape":[\#(list)],"data_offsets":[0,24]}}"# + padding
    #expect(UInt64(header.utf8.count) == headerLength)
    let data = Self.six.withUnsafeBytes { [UInt8]($0) }
    #expect(
      try SafetensorsWriter.serialize([.init(name: name, shape: shape, floats: Self.six)])
        == file(header, data: data)
    )
  }

  @Test func `a file without tensors is padded to eight bytes`() throws {
    #expect(try SafetensorsWriter.serialize([]) == file("{}      "))
    #expect(
      try SafetensorsWriter.serialize([], metadata: ["framework": "pt"])
        == file(#"{"__metadata__":{"framework":"pt"}}     "#)
    )
  }

  @Test
  func `tensors are sorted by dtype from the widest, then by the bytes of their names`() throws {
    let names = ["b", "a", "\u{E9}", "e\u{301}", "Z"]
    let tensors = DataType.allCases.flatMap { type in
      names.map { name in
        SafetensorsWriter.Tensor(
          name: "\(name).\(type.rawValue)",
          dataType: type,
          shape: [8],
          bytes: [UInt8](repeating: 1, count: type.bitWidth)
        )
      }
    }
    let file = try SafetensorsFile(bytes: SafetensorsWriter.serialize(tensors.shuffled()))
    #expect(
      file.tensors.map(\.dataType)
        == DataType.allCases.reversed().flatMap { [$0, $0, $0, $0, $0] }
    )
    #expect(
      file.tensors.prefix(5).map { [UInt8]($0.name.utf8) }
        == ["Z", "a", "b", "e\u{301}", "\u{E9}"].map { [UInt8]("\($0).U64".utf8) }
    )
    for tensor in file.tensors where tensor.dataType.bitWidth % 8 == 0 {
      #expect(tensor.dataOffsets.lowerBound % (tensor.dataType.bitWidth / 8) == 0)
    }
  }

  @Test(arguments: [
    SafetensorsFile.Loading.mapped, .read,
  ]
  )
  func `tensors, names and metadata come back as they were`(loading: SafetensorsFile.Loading) throws
  {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/model.safetensors"
    let metadata = ["format": "pt", "\n\"\\": "é😀\u{1}", "": ""]
    let name = "weird \"\\\t\u{0}😀"
    try SafetensorsWriter.write(
      [
        .init(name: name, shape: [2, 3], floats: Self.six),
        .init(name: "ids", shape: [], integers: [-7]),
        .init(name: "none", dataType: .bf16, shape: [4, 0], bytes: []),
      ],
      metadata: metadata,
      to: path
    )
    let file = try SafetensorsFile(path: path, loading: loading)
    #expect(file.metadata == metadata)
    #expect(file.tensors.map(\.name) == ["ids", name, "none"])
    #expect(try file.floats(name) == Self.six)
    #expect(file.tensor(name)?.shape == [2, 3])
    #expect(try file.integers("ids") == [-7])
    #expect(file.tensor("none")?.shape == [4, 0])
    #expect(directory.names == ["model.safetensors"])
  }

  @Test(arguments: [1, 7, 65_536, 300_000])
  func `a provider may deliver its bytes in any pieces`(piece: Int) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/big"
    let bytes = pattern(300_000)
    let tensor = SafetensorsWriter.Tensor(name: "big", dataType: .u8, shape: [300_000]) { sink in
      try bytes.withUnsafeBytes { bytes in
        for start in stride(from: 0, to: bytes.count, by: piece) {
          let end = min(start + piece, bytes.count)
          try sink.write(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        }
      }
    }
    try SafetensorsWriter.write([tensor], to: path)
    #expect(try SafetensorsFile(path: path).withBytes(of: "big") { [UInt8]($0) } == bytes)
  }

  // MARK: Refusals

  @Test(
    arguments: [
      (
        [.init(name: "a", shape: [], floats: [1]), .init(name: "a", shape: [], floats: [1])],
        SafetensorsError.duplicateName(file: "(bytes)", name: "a")
      ),
      ([.init(name: "__metadata__", shape: [], floats: [1])], .reservedName(file: "(bytes)")),
      (
        [.init(name: "a", shape: [-1, 0], floats: [])],
        .invalidShape(file: "(bytes)", tensor: "a", shape: [-1, 0])
      ),
      (
        [.init(name: "a", shape: [2], floats: [1])],
        .tensorInvalidInfo(file: "(bytes)", tensor: "a", expected: 8, found: 4)
      ),
      (
        [.init(name: "a", dataType: .f4, shape: [3], bytes: [0, 0])],
        .misalignedSlice(file: "(bytes)", tensor: "a", dataType: .f4, bitCount: 12)
      ),
      (
        [.init(name: "a", shape: [Int.max, 3], floats: [])],
        .validationOverflow(file: "(bytes)", tensor: "a", shape: [UInt64(Int.max), 3])
      ),
    ] as [([SafetensorsWriter.Tensor], SafetensorsError)]
  )
  func `an invalid tensor is refused before anything is written`(
    tensors: [SafetensorsWriter.Tensor], error: SafetensorsError
  ) {
    #expect(throws: error) { try SafetensorsWriter.serialize(tensors) }
  }

  @Test func `a header over 100 MB isn't written`() {
    let name = String(repeating: "x", count: 100_000_001)
    #expect(
      throws: SafetensorsError.headerTooLarge(
        file: "(bytes)",
        limit: 100_000_000,
        found: 100_000_001
      )
    ) { try SafetensorsWriter.serialize([.init(name: name, shape: [0], floats: [])]) }
  }

  // MARK: Files

  struct Broken: Error, CustomStringConvertible {
    var description: String { "the disk of origin is gone" }
  }

  @Test(arguments: [0, 8, 12])
  func `on failure only the old file remains`(count: Int) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([1, 2, 3], to: "old")
    let wrongSize = SafetensorsWriter.Tensor(name: "w", dataType: .u8, shape: [10]) { sink in
      try pattern(count).withUnsafeBytes { try sink.write($0) }
    }
    #expect(
      throws: SafetensorsError.tensorInvalidInfo(
        file: path,
        tensor: "w",
        expected: 10,
        found: UInt64(count)
      )
    ) { try SafetensorsWriter.write([wrongSize], to: path) }
    let broken = SafetensorsWriter.Tensor(name: "w", dataType: .u8, shape: [10]) { _ in
      throw Broken()
    }
    #expect(
      throws: SafetensorsError.providerFailed(
        file: path,
        tensor: "w",
        reason: "the disk of origin is gone"
      )
    ) { try SafetensorsWriter.write([broken], to: path) }
    #expect(directory.names == ["old"])
    #expect(throws: (any Error).self) { try SafetensorsFile(path: path) }
  }

  @Test func `a file that is mapped can be replaced under its reader`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/model.safetensors"
    try SafetensorsWriter.write([.init(name: "a", shape: [6], floats: Self.six)], to: path)
    let old = try SafetensorsFile(path: path)
    try SafetensorsWriter.write([.init(name: "b", shape: [1], floats: [9])], to: path)
    #expect(try old.floats("a") == Self.six)
    #expect(try SafetensorsFile(path: path).floats("b") == [9])
  }

  @Test func `a place that can't be written to is an error that says why`() throws {
    let directory = try TemporaryDirectory()
    let inner = directory.path + "/inner"
    #expect(mkdir(inner, 0o755) == 0)
    #expect(throws: SafetensorsError.unwritable(file: inner, reason: "Is a directory")) {
      try SafetensorsWriter.write([], to: inner)
    }
    let nowhere = directory.path + "/none/model.safetensors"
    #expect(
      throws: SafetensorsError.unwritable(file: nowhere, reason: "No such file or directory")
    ) { try SafetensorsWriter.write([], to: nowhere) }
    #expect(directory.names == ["inner"])
  }

  @Test func `missing files, directories and other failures have their own errors`() throws {
    let directory = try TemporaryDirectory()
    let none = directory.path + "/none"
    #expect(throws: SafetensorsError.fileNotFound(file: none)) { try SafetensorsFile(path: none) }
    #expect(
      throws: SafetensorsError.unreadable(file: directory.path, reason: "Is a directory")
    ) { try SafetensorsFile(path: directory.path) }
    let empty = try directory.write([], to: "empty")
    #expect(throws: SafetensorsError.headerTooSmall(file: empty, byteCount: 0)) {
      try SafetensorsFile(path: empty)
    }
  }
}
