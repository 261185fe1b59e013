import SwiftletSafetensors
import Testing

@testable import SwiftletCheckpoint

@Suite struct PyTorchHostileTests {
  private func failure(_ bytes: [UInt8]) -> PyTorchError? { pyTorchFailure(bytes) }

  private func failure(pickle: [UInt8]) -> PyTorchError? { failure(Zip(pickle: pickle).bytes) }

  private func reason(_ error: PyTorchError?) -> String { error?.description ?? "no error" }

  // MARK: Code

  @Test(arguments: [
    ("cos\nsystem\n", "os.system"), ("cbuiltins\neval\n", "builtins.eval"),
    ("c__builtin__\nexec\n", "__builtin__.exec"), ("(ios\nsystem\n", "os.system"),
    ("ctorch\nload\n", "torch.load"), ("ctorch.hub\nload\n", "torch.hub.load"),
    ("ctorch._utils\n_rebuild_qtensor\n", "torch._utils._rebuild_qtensor"),
    ("ccollections\nOrderedDict.fromkeys\n", "collections.OrderedDict.fromkeys"),
    ("cnumpy.core.multiarray\n_reconstruct\n", "numpy.core.multiarray._reconstruct"),
    ("ctransformers.models.bert.modeling_bert\nBertModel\n", "modeling_bert.BertModel"),
  ])
  func `a name that tensors do not need is refused by its name`(code: String, name: String) {
    let pickle = Pickle()
    pickle.add(code).string("touch owned").add([0x85]).add("R")
    let error = failure(pickle: pickle.finished)
    guard case .forbidden("(bytes)", let found) = error else {
      Issue.record("\(reason(error))")
      return
    }
    #expect(found.hasSuffix(name) && reason(error).contains(name))
  }

  @Test func `a name on the stack, as protocol 4 has it, is refused too`() {
    let pickle = Pickle()
    pickle.string("posix").string("system").add([0x93]).string("true").add([0x85]).add("R")
    #expect(failure(pickle: pickle.finished) == .forbidden(file: "(bytes)", name: "posix.system"))
  }

  @Test(arguments: [
    ([0x81], "NEWOBJ (0x81)"), ([0x92], "NEWOBJ_EX (0x92)"), ([0x6F], "OBJ (0x6f)"),
    ([0x82, 1], "EXT1 (0x82)"), ([0x50], "PERSID (0x50)"), ([0x32], "DUP (0x32)"), ([0x00], "0x00"),
    ([0x8F], "EMPTY_SET (0x8f)"), ([0xFF], "0xff"),
  ])
  func `an instruction that tensors do not need is refused by its name`(
    code: [UInt8], name: String
  ) {
    let pickle = Pickle()
    pickle.add("ccollections\nOrderedDict\n)").add(code)
    let error = failure(pickle: pickle.finished)
    guard case .unknownInstruction(_, _, name) = error else {
      Issue.record("\(reason(error))")
      return
    }
  }

  @Test(arguments: ["ComplexDoubleStorage", "QInt8Storage", "float4_e2m1fn_x2", "int4"])
  func `a type of elements that nothing here reads is named`(type: String) {
    #expect(
      failure(pickle: Pickle.tensor(type: type))
        == .unsupportedType(file: "(bytes)", type: "torch.\(type)"))
  }

  // MARK: Pickles

  @Test(arguments: [
    ("R", "lacks its operands"), (")R", "lacks its operands"), ("N)R", "None is called"),
    ("ctorch\nFloatStorage\n)R", "a type is called"), ("NNs", "lacks its operands"),
    ("NNNs", "added to None"), ("NNa", "appended to None"), ("u", "without a beginning"),
    ("(u", "lacks its operands"), ("}(Nu", "lacks its operands"), ("h\u{5}", "no value 5"),
    ("NQ", "None in place of a tuple"), (")Q", "persistent id"), ("}Nb(", "ends within"),
    ("NNb", "None gets attributes"), ("ccollections\nOrderedDict\nN", "ends within"),
    ("ccollections\nOrderedDict\nNN", "ends within"), ("cos", "ends within"), ("X", "ends within"),
    ("ctorch\nSize\n)R", "a size is not a tuple"), ("(", "ends within"),
    ("ctorch._utils\n_rebuild_tensor_v2\n)R", "arguments of a tensor"),
    ("ctorch._utils\n_rebuild_parameter\n)R", "a parameter without a tensor"),
  ])
  func `a damaged pickle is refused`(text: String, words: String) {
    let pickle = Pickle()
    pickle.add(text)
    let error = failure(pickle: pickle.bytes)
    guard case .damagedPickle = error else {
      Issue.record("\(reason(error))")
      return
    }
    #expect(reason(error).contains(words), "\(reason(error))")
  }

  @Test func `a string, an integer or a frame longer than the file is refused`() {
    let codes: [[UInt8]] = [
      [0x58, 0xFF, 0xFF, 0xFF, 0xFF], [0x8B, 0xFF, 0xFF, 0xFF, 0x7F],
      [0x8B, 0xFF, 0xFF, 0xFF, 0xFF],
      [0x8D] + Array(repeating: 0xFF, count: 8), [0x8D] + Array(repeating: 0x7F, count: 8),
      [0x8C, 200], [0x54, 0, 0, 1, 0],
    ]
    for code in codes {
      let pickle = Pickle()
      pickle.add(code)
      guard case .damagedPickle = failure(pickle: pickle.finished) else {
        Issue.record("\(code)")
        continue
      }
    }
  }

  @Test func `deep nesting neither recurses nor is an error by itself`() {
    let pickle = Pickle()
    pickle.add(String(repeating: "]", count: 60_000) + String(repeating: "a", count: 59_999))
    #expect(failure(pickle: pickle.finished) == .notADictionary(file: "(bytes)", found: "a list"))
    let tuples = Pickle()
    tuples.add(")").add(Array(repeating: 0x85, count: 100_000))
    #expect(failure(pickle: tuples.finished) == .notADictionary(file: "(bytes)", found: "a tuple"))
  }

  @Test(arguments: ["]", "(", ")", "}", "N"])
  func `more instructions than any checkpoint has are refused`(code: String) {
    let pickle = Pickle()
    pickle.add(String(repeating: code, count: 1_000_000))
    guard case .tooMany(_, "instructions", _) = failure(pickle: pickle.finished) else {
      Issue.record("\(reason(failure(pickle: pickle.finished)))")
      return
    }
  }

  @Test func `a list that is copied again and again counts each time`() {
    let pickle = Pickle()
    pickle.add("](")
    for _ in 0..<1000 { pickle.add("NN").add([0x86]) }
    pickle.add("eq\u{0}")
    for _ in 0..<1000 {
      pickle.add("ccollections\nOrderedDict\nh\u{0}").add([0x85]).add("R")
    }
    guard case .tooMany(_, "instructions", _) = failure(pickle: pickle.finished) else {
      Issue.record("accepted")
      return
    }
  }

  @Test func `a value that holds itself is not followed`() {
    let pickle = Pickle()
    pickle.add("}q\u{0}").string("self").add("h\u{0}s")
    #expect(
      failure(pickle: pickle.finished)
        == .notATensor(file: "(bytes)", key: "self", found: "a dictionary"))
  }

  // MARK: Tensors

  @Test(arguments: [
    (4, 0, [5], [1]), (4, 1, [4], [1]), (4, 4, [1], [1]), (4, -1, [4], [1]), (4, 0, [-1], [1]),
    (4, 0, [2], [-1]), (4, 0, [2, 2], [1]), (4, 0, [2], [Int.max]), (4, Int.max, [2], [1]),
    (4, 0, [Int.max, Int.max], [0, 0]), (4, 0, [Int.max], [1]), (5, 0, [4], [1]), (3, 0, [3], [1]),
    (Int.max, 0, [4], [1]), (4, 0, Array(repeating: 1, count: 17), Array(repeating: 1, count: 17)),
  ])
  func `a tensor beyond its storage is refused`(
    count: Int, offset: Int, shape: [Int], strides: [Int]
  ) {
    let pickle = Pickle.tensor(count: count, offset: offset, shape: shape, strides: strides)
    guard case .damagedTensor(_, "a", _) = failure(pickle: pickle) else {
      Issue.record("\(reason(failure(pickle: pickle)))")
      return
    }
  }

  @Test func `a tensor without its storage is refused`() {
    #expect(
      failure(pickle: Pickle.tensor(key: "../0"))
        == .damagedTensor(file: "(bytes)", tensor: "a", reason: "the file lacks its storage"))
  }

  @Test(arguments: [[1_000_000], [1 << 20, 1 << 20]])
  func `elements that are repeated beyond the size of the file are refused`(shape: [Int]) {
    let pickle = Pickle.tensor(shape: shape, strides: shape.map { _ in 0 })
    guard case .tooManyCopies = failure(pickle: pickle) else {
      Issue.record("\(reason(failure(pickle: pickle)))")
      return
    }
  }

  @Test func `many copies of one storage are refused by their sum`() {
    let pickle = Pickle()
    pickle.add("}")
    for index in 0..<64 {
      pickle.string("\(index)").rebuild(
        count: 1024, offset: index, shape: [2, 240], strides: [2, 3])
      pickle.add("s")
    }
    let zip = Zip(pickle: pickle.finished, storage: Array(repeating: 0, count: 4096))
    guard case .tooManyCopies = failure(zip.bytes) else {
      Issue.record("\(reason(failure(zip.bytes)))")
      return
    }
  }

  @Test func `values that are not a dictionary of tensors are named`() {
    let cases: [(PyTorchError, (Pickle) -> Void)] = [
      (.notADictionary(file: "(bytes)", found: "a list"), { $0.add("]") }),
      (.notADictionary(file: "(bytes)", found: "a tensor"), { $0.rebuild() }),
      (
        .notADictionary(file: "(bytes)", found: "an int as a key"),
        { $0.add("}K\u{1}").rebuild().add("s") }
      ),
      (
        .notATensor(file: "(bytes)", key: "epoch", found: "an int"),
        { $0.add("}").string("epoch").add("K\u{3}s") }
      ),
      (
        .nested(file: "(bytes)", key: "state_dict"),
        {
          $0.add("}").string("epoch").add("K\u{3}s").string("state_dict").add("}").string("a")
          $0.rebuild().add("ss")
        }
      ),
      (
        .duplicateTensor(file: "(bytes)", tensor: "a"),
        { $0.add("}").string("a").rebuild().add("s").string("a").rebuild().add("s") }
      ),
    ]
    for (expected, build) in cases {
      let pickle = Pickle()
      build(pickle)
      #expect(failure(pickle: pickle.finished) == expected)
    }
  }
}
