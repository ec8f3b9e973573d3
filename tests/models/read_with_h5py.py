"""Reads a model bundle as docs/FORMATS.md describes it, with h5py and nothing of ours:
every array is plain, the seal holds, sizes fit together.

    python3 read_with_h5py.py model.h5 PERSON_OF_CODE_0
"""

import struct
import sys

import h5py
import numpy

BLOCK = 1 << 20
LARGE = 65536


def crc_table():
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return table


TABLE = crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def check_array(array):
    """Contiguous, unfiltered, in this file, of a fixed type, aligned when large."""
    plist = array.id.get_create_plist()
    assert plist.get_layout() == h5py.h5d.CONTIGUOUS, array.name
    assert plist.get_nfilters() == 0 and plist.get_external_count() == 0, array.name
    assert h5py.check_vlen_dtype(array.dtype) is None, array.name
    assert array.nbytes < LARGE or array.id.get_offset() % 4096 == 0, array.name


def check_seal(path):
    """Behind what HDF5 reads stand a CRC32C of each block and a footer."""
    with open(path, "rb") as file:
        data = file.read()
    size, block, crc, magic = struct.unpack("<QII8s", data[-24:])
    assert magic == b"pfc.seal" and block == BLOCK
    blocks = [data[i : min(i + BLOCK, size)] for i in range(0, size, BLOCK)]
    assert len(data) == size + 4 * len(blocks) + 24
    table = struct.unpack(f"<{len(blocks)}I", data[size:-24])
    assert list(table) == [crc32c(block) for block in blocks]
    assert crc == crc32c(data[size:-12])


def check_features(features):
    fields = features["fields"]
    n = features.attrs["n_fields"]
    assert all(len(array) == n for array in fields.values())
    assert len(features["column_of"]) == sum(fields["n_codes"])
    assert max(features["column_of"][...], default=-1) < features.attrs["n_columns"]
    for kind, codes in zip(fields["kind"], fields["n_codes"]):
        assert kind in (b"onehot", b"number") and (kind == b"onehot" or codes == 0)


def check_models(model):
    affinity, success, time = model["affinity"], model["success"], model["time"]
    people, items = affinity["people"], affinity["items"]
    assert people.shape == (affinity.attrs["n_people"], affinity.attrs["rank"])
    assert len(people) <= len(model["dictionary/person"])
    assert len(items) <= len(model["dictionary/intervention"])
    accept = model["accept"]
    for chance in (success, accept):
        assert len(chance["coefficients"]) == chance["features"].attrs["n_columns"]
    for cause in ("proficient", "dropped"):
        edges = time[cause]["bin_edges_days"][...]
        assert (numpy.diff(edges) > 0).all()
        bins = time[cause].attrs["n_bins"] * (1 + time.attrs["n_groups"])
        assert len(time[cause]["baseline"]) == bins
    for features in (affinity["person_features"], affinity["item_features"],
                     success["features"], accept["features"], time["features"]):
        check_features(features)


def main(path, person):
    arrays = []
    check_seal(path)
    with h5py.File(path, "r") as model:
        model.visititems(lambda _, o: arrays.append(o) if isinstance(o, h5py.Dataset) else None)
        assert model.attrs["format"] == b"proficio model"
        assert model.attrs["schema_version"] == 4
        names = [name.decode() for name in model["dictionary_names"]]
        assert sorted(names) == sorted(model["dictionary"])
        assert model["dictionary/person"][0].decode() == person
        for array in arrays:
            check_array(array)
            assert array.attrs["meaning"], array.name
        check_models(model)
    assert len(arrays) > 70


if __name__ == "__main__":
    main(*sys.argv[1:])
