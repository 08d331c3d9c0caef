"""Runs jupyter_kernel_test whole on a real kernel: suite.py ARGV…, where ARGV starts it. A test that is skipped is no pass."""
import json
import os
import pathlib
import sys
import tempfile
import unittest

import jupyter_kernel_test

KERNEL = "joey-suite"


class Joey(jupyter_kernel_test.KernelTests):
    kernel_name = KERNEL
    language_name = "go"
    file_extension = ".go"
    code_hello_world = 'import "fmt"\nfmt.Println("hello, world")'
    code_stderr = 'import "os"\nos.Stderr.WriteString("oops\\n")'
    completion_samples = [
        {"text": 'import "strings"\nstrings.EqualFo', "matches": {"EqualFold"}},
        {"text": "unimportant := 1\nunimporta", "matches": {"unimportant"}},
    ]
    complete_code_samples = ["x := 1", "func f() {}", 'import "fmt"\nfmt.Println()']
    incomplete_code_samples = ["func f() {", "x := []int{1,", "/* a comment"]
    invalid_code_samples = ["x := )", "func 1() {}"]
    code_page_something = "?len"
    code_generate_error = "var none []int\nnone[3]"
    code_execute_result = [
        {"code": "6*7", "result": "42"},
        {"code": '"a" + "b"', "result": '"ab"'},
        {"code": "6*7 + 1", "result": "43"},
    ]
    code_display_data = [
        {"code": 'Display(HTML("<b>bold</b>"))', "mime": "text/html"},
        {"code": 'Display(Markdown("**bold**"))', "mime": "text/markdown"},
        {"code": 'import "image"\nDisplay(image.NewGray(image.Rect(0, 0, 2, 2)))', "mime": "image/png"},
    ]
    code_history_pattern = "6[*]7"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "len"
    code_clear_output = "ClearOutput(true)"


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = KERNEL
    support_iopub_welcome = True


def main(argv):
    with tempfile.TemporaryDirectory() as place:
        spec = pathlib.Path(place, "kernels", KERNEL)
        spec.mkdir(parents=True)
        (spec / "kernel.json").write_text(
            json.dumps({"argv": argv + ["{connection_file}"], "display_name": KERNEL, "language": "go"})
        )
        os.environ["JUPYTER_PATH"] = place
        load = unittest.defaultTestLoader.loadTestsFromTestCase
        suite = unittest.TestSuite([load(Joey), load(Welcome)])
        result = unittest.TextTestRunner(verbosity=2).run(suite)
    sys.exit(0 if result.wasSuccessful() and not result.skipped and result.testsRun >= 13 else 1)


main(sys.argv[1:])
