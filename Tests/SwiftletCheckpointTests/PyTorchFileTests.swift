import Foundation
import SwiftletSafetensors
import SwiftletTestSupport
import Testing

@testable import SwiftletCheckpoint

@Suite struct PyTorchFileTests {
  @Test func `forty files are compared`() {
    #expect(PyTorchFixtures.files.count >= 40)
  }

  @Test(arguments: PyTorchFixtures.files, [SafetensorsFile.Loading.mapped, .read])
  func `a file has the values that torch reads, bit for bit`(
    name: String, loading: SafetensorsFile.Loading
  ) throws {
    let expected = try PyTorchFixtures.values(of: name)
    let file = try PyTorchFile(path: PyTorchFixtures.path(name), loading: loading)
    let tensors = try file.storedTensors()
    #expect(tensors.count > 0 || name.hasPrefix("nothing"))
    for tensor in tensors {
      let info = try #require(expected.tensor(tensor.info.name), "\(tensor.info.name)")
      #expect(tensor.info.dataType == info.dataType && tensor.info.shape == info.shape)
      let isEqual = try expected.withBytes(of: info.name) { $0.elementsEqual(tensor.bytes) }
      #expect(isEqual, "\(info.name)")
    }
    // The types that the older torch of some files lacks.
    let missing = Set(expected.tensors.map(\.name)).subtracting(tensors.map(\.info.name))
    #expect(
      missing.isEmpty
        || name.contains("torch-1") && missing.isSubset(of: ["bfloat16", "complex64"]))
  }

  @Test func `tensors come in the order of the dictionary`() throws {
    let file = try PyTorchFile(path: PyTorchFixtures.path("shapes/zip.bin"))
    #expect(
      file.tensors.map(\.name) == [
        "matrix", "vector", "scalar", "one", "empty", "empty.rows", "empty.columns", "deep",
        "special",
      ])
  }

  @Test func `a dictionary that is written in several parts is whole`() throws {
    let pickle = Pickle()
    pickle.add("}").add("(").string("a").rebuild().string("b").rebuild(offset: 1, shape: [3])
    pickle.add("u(").string("c").rebuild(shape: [2, 2], strides: [1, 2]).add("u")
    let file = try PyTorchFile(bytes: Zip(pickle: pickle.finished).bytes)
    #expect(file.tensors.map(\.name) == ["a", "b", "c"])
    #expect(file.tensors.map(\.isContiguous) == [true, true, false])
  }

  @Test func `other values beside tensors are skipped, as in transformers`() throws {
    let pickle = Pickle()
    pickle.add("}").string("epoch").add("K\u{3}s").string("a").rebuild().add("s").string("none")
    pickle.add("Ns").string("nested").add("}").string("b").rebuild().add("ss").add("K\u{1}Ns")
    let file = try PyTorchFile(bytes: Zip(pickle: pickle.finished).bytes)
    #expect(file.tensors.map(\.name) == ["a"])
  }

  @Test func `pairs in a list, as Python 2 writes an OrderedDict, are its entries`() throws {
    let pickle = Pickle()
    pickle.add("ccollections\nOrderedDict\n](](").add("U\u{1}a").rebuild().add("e](").string("b")
    pickle.rebuild().add("ee").add([0x85]).add("R")
    let file = try PyTorchFile(bytes: Zip(pickle: pickle.finished).bytes)
    #expect(file.tensors.map(\.name) == ["a", "b"])
  }

  @Test(arguments: [false, true])
  func `an archive may have 64-bit sizes and a comment`(isWide: Bool) throws {
    var zip = Zip(pickle: Pickle.tensor())
    (zip.isWide, zip.comment) = (isWide, Array("PK\u{5}\u{6}a comment".utf8))
    let tensors = try PyTorchFile(bytes: zip.bytes).storedTensors()
    #expect(tensors.map { Array($0.bytes) } == [Array(repeating: 1, count: 16)])
  }

  @Test func `tensors in one storage keep their bytes when one of them is released`() throws {
    let count = 50_000
    for strides in [[1], [2]] {
      let shape = [count / strides[0]]
      let pickle = Pickle()
      pickle.add("}")
      for name in ["a", "b"] {
        pickle.string(name).rebuild(count: count, shape: shape, strides: strides).add("s")
      }
      let values = (0..<count).map { Float($0) }
      let zip = Zip(pickle: pickle.finished, storage: values.withUnsafeBytes { Array($0) })
      let tensors = try PyTorchFile(bytes: zip.bytes).storedTensors()
      let before = Array(tensors[1].bytes)
      #expect(tensors[0].bytes.baseAddress == tensors[1].bytes.baseAddress, "copied once")
      tensors[0].release(0..<shape[0])
      #expect(Array(tensors[1].bytes) == before)
    }
  }

  // MARK: Folders

  private func folder(_ files: [String: [UInt8]]) throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory()
    for (name, bytes) in files { _ = try folder.write(bytes, to: name) }
    return folder
  }

  private static let index = "pytorch_model.bin.index.json"

  @Test func `safetensors precede PyTorch's files, and one file precedes shards`() throws {
    let safetensors = try SafetensorsWriter.serialize([.init(name: "s", shape: [1], floats: [1])])
    let bin = Zip(pickle: Pickle.tensor("p")).bytes
    let shard = Zip(pickle: Pickle.tensor("shard")).bytes
    let map = Array(#"{"weight_map": {"shard": "x.bin"}}"#.utf8)
    let all: [(String, [UInt8], String)] = [
      ("model.safetensors", safetensors, "s"), ("pytorch_model.bin", bin, "p"),
      (Self.index, map, "shard"),
    ]
    for first in all.indices {
      var files = Dictionary(uniqueKeysWithValues: all[first...].map { ($0.0, $0.1) })
      files["x.bin"] = shard
      let folder = try folder(files)
      let tensors = try CheckpointFiles.open(folder.path, loading: .mapped).tensors
      #expect(tensors.map(\.name) == [all[first].2])
    }
  }

  @Test func `shards are one checkpoint, without tensors that the index does not list`() throws {
    let folder = try folder([
      "2.bin": Zip(pickle: Pickle.tensor("b")).bytes,
      "1.bin": try PyTorchFixtures.bytes("tied/legacy.bin"),
      Self.index: Array(#"{"weight_map": {"b": "2.bin", "table": "1.bin"}}"#.utf8),
    ])
    let checkpoint = try CheckpointFiles.open(folder.path, loading: .mapped)
    #expect(checkpoint.tensors.map(\.name) == ["table", "b"])
    #expect(checkpoint.stored("table")?.path == folder.path + "/1.bin")
    #expect(checkpoint.stored("turned") == nil && checkpoint.tensor("b")?.shape == [4])
    #expect(checkpoint.paths == ["1.bin", "2.bin"].map { folder.path + "/" + $0 })
  }

  @Test(arguments: [
    (#"{"weight_map": {"b": "1.bin"}}"#, "not in its shard"),
    (#"{"weight_map": {"a": "../1.bin"}}"#, "invalid shard name"),
    (#"{"weight_map": {"a": "3.bin", "b": "4.bin"}}"#, #"missing shards: "3.bin", "4.bin""#),
    ("[]", "invalid shard index"),
  ])
  func `an inconsistent index is refused`(text: String, reason: String) throws {
    let folder = try folder([
      "1.bin": Zip(pickle: Pickle.tensor("a")).bytes, Self.index: Array(text.utf8),
    ])
    let error = #expect(throws: CheckpointError.self) {
      _ = try CheckpointFiles.open(folder.path, loading: .mapped)
    }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  @Test func `a Git LFS pointer in place of the weights is named`() throws {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    let folder = try folder(["pytorch_model.bin": Array(pointer.utf8)])
    let error = #expect(throws: CheckpointError.self) {
      _ = try CheckpointFiles.open(folder.path, loading: .mapped)
    }
    #expect(error?.description.contains("Git LFS pointer") == true)
  }
}
