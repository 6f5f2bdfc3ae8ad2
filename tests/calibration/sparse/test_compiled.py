"""Compilation: nothing at import, and a cache place wherever the package lies."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import calibration.sparse.compiled as compiled_module
from calibration.blas_threads import one_blas_thread

ROOT = Path(compiled_module.__file__).parents[2]


@pytest.mark.slow
def test_importing_the_room_compiles_nothing():
    script = (
        "from calibration.sparse.estimators import group_svm, multi_task_cv\n"
        "from calibration.sparse.datafit import squared_hinge as s\n"
        "from calibration.sparse.penalties import proximal as p\n"
        "from calibration.sparse.solvers import block_descent as b, gram as g\n"
        "functions = [f for m in (b, p, g, s) for f in vars(m).values() if hasattr(f, 'py_func')]\n"
        "assert functions\n"
        "assert not any(f.signatures for f in functions)\n"
    )

    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs /dev/null as a place without folders")
def test_an_install_without_any_cache_place_compiles_in_a_temporary_one(tmp_path):
    source = Path(compiled_module.__file__).read_text()
    kernel = "\n\n@compiled\ndef double(x):\n    return 2 * x\n"
    (tmp_path / "kernel.py").write_text(source + kernel)
    # Root may write into a read-only folder, but not into a file as if it were one.
    (tmp_path / "__pycache__").touch()
    nowhere = {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null", "PYTHONDONTWRITEBYTECODE": "1"}
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"} | nowhere
    script = (
        "import numpy as np\n"
        "from kernel import double\n"
        "assert double(np.arange(3.0)).tolist() == [0, 2, 4]\n"
        "import numba; print(numba.config.CACHE_DIR)\n"
    )
    command = [sys.executable, "-c", script]

    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    place = Path(done.stdout.strip())
    assert place.name.startswith("numba-")
    assert not place.exists()


def test_blas_uses_one_thread_inside_and_as_many_as_before_outside():
    np.ones((4, 4)) @ np.ones((4, 4))

    def threads():
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]

    with threadpool_limits(2, "blas"):
        before = threads()
        with one_blas_thread():
            assert set(threads()) == {1}
        assert threads() == before
    assert 2 in before
