/// The dictionary of tensors that a model's `state_dict()` is.
enum PyTorchDictionary {
  /// More tensors than any model that Swiftlet runs.
  static let tensorLimit = 1 << 16

  /// The tensors of a file, in the order of the dictionary. Other values beside them are skipped.
  ///
  /// - Throws: `notADictionary`, `nested`, `notATensor` and `duplicateTensor` for another value;
  ///   `damagedTensor` for a tensor beyond its storage.
  static func tensors(
    of archive: any PyTorchArchive, in bytes: UnsafeRawBufferPointer, file: String
  ) throws(PyTorchError) -> [PlacedTensor] {
    let (value, objects) = (archive.pickle.value, archive.pickle.objects)
    guard case .dictionary(let index) = value else {
      throw .notADictionary(file: file, found: value.kind)
    }
    let entries = objects.dictionaries[index]
    guard entries.count <= tensorLimit else {
      throw .tooMany(file: file, what: "tensors", limit: tensorLimit)
    }
    try checkValues(entries, objects, in: bytes, file: file)
    var names: Set<[UInt8]> = []
    var tensors: [PlacedTensor] = []
    for (key, value) in entries {
      guard case .tensor(let index) = value else { continue }
      let name = try name(key, in: bytes, file: file)
      guard names.insert(Array(name.utf8)).inserted else {
        throw .duplicateTensor(file: file, tensor: name)
      }
      let tensor = objects.tensors[index]
      guard let place = archive.storage(objects.storages[tensor.storage]) else {
        throw .damagedTensor(file: file, tensor: name, reason: "the file lacks its storage")
      }
      tensors.append(
        try PlacedTensor(tensor, objects, named: name, in: place, file: file))
    }
    return tensors
  }

  /// Throws if no value is a tensor; beside tensors, other values are skipped, as in transformers. A
  /// dictionary of tensors is named first: a trainer's file has other entries beside it.
  private static func checkValues(
    _ entries: [(key: PickleValue, value: PickleValue)], _ objects: PickleObjects,
    in bytes: UnsafeRawBufferPointer, file: String
  ) throws(PyTorchError) {
    let isTensor = { (value: PickleValue) in
      if case .tensor = value { true } else { false }
    }
    if entries.contains(where: { isTensor($0.value) }) { return }
    var seen: Set<Int> = []
    for (key, value) in entries {
      guard case .dictionary(let index) = value, seen.insert(index).inserted,
        objects.dictionaries[index].contains(where: { isTensor($0.value) })
      else { continue }
      throw .nested(file: file, key: try name(key, in: bytes, file: file))
    }
    guard let other = entries.first else { return }
    throw .notATensor(
      file: file, key: try name(other.key, in: bytes, file: file), found: other.value.kind)
  }

  private static func name(
    _ key: PickleValue, in bytes: UnsafeRawBufferPointer, file: String
  ) throws(PyTorchError) -> String {
    guard let place = key.string else {
      throw .notADictionary(file: file, found: "\(key.kind) as a key")
    }
    guard let name = String(validating: bytes[place], as: UTF8.self) else {
      throw .damagedPickle(
        file: file, offset: place.lowerBound, reason: "the name of a tensor is not UTF-8")
    }
    return name
  }
}
