"""How each tool was configured, and how to read the table: the lines below it."""

from benchmarks.peers.tools import PATIENCE

NOTES = (
    (
        "The cases are ours: derived from the contracts that asdoc judges by, many of them about conventions that no OpenAPI"
        " document can say, and that the others do not claim to look for. That asdoc catches them is held by its tests and no"
        " wonder; what the others catch of them is the finding. No case was left out for being ours alone."
    ),
    (
        "Every tool gets the OpenAPI 3.1 document of `asdoc contracts export`, improved in its favour (`document.py`): statuses"
        " listed in place of ranges, every field required that any response requires, header fields required that recorded"
        " answers always have, objects of responses closed, valid calls as examples, links from what makes a thing to what reads"
        " and deletes it. Closed objects catch more, and are what an additional field is a false alarm for."
    ),
    (
        "Before each run the emulator is reset, a state arranged and resources made (`calls.yaml`), then the switch is put on. A"
        " tool looks at the API that is broken, and at no other. Requests are counted by the emulator."
    ),
    (
        "asdoc: the operations of the API, everything allowed, all stored cases, in the profile of the case, through the same"
        " socket. It starts from a reset emulator and arranges states through the control API, which the others do not know of."
    ),
    (
        "asdoc run --target knows as little of the control API as the others do: a targets file with the address, credentials"
        " and what exists, `--allow disruptive`, nothing arranged. It waits for real for what takes its time: half a minute for a"
        " sync."
    ),
    (
        "Schemathesis: all checks, phases examples, coverage, fuzzing and stateful, positive and negative data, 50 examples,"
        " `--continue-on-failure`. Its configuration file expects the documented 500 of an operation, and gives the login its own"
        " credential. The continuation token is left out of its document: no drawn value of it is valid."
    ),
    (
        "Specmatic: one example file for each recorded answer, 401 and 404 among them, `strictMode`, `resiliencyTests: all`. It"
        " takes no seed, so it is run as many times. Lists without `items` get them, and schemas that nothing refers to are left"
        " out: it reads neither. Matchers for values are in its paid edition and are not used. Its classes are kept between"
        " starts, which saves it seconds. What it holds against the clean emulator are repeated starts of a sync, which the page"
        " says are refused while one is going on."
    ),
    (
        "Dredd: it cannot read a query parameter with a dash in its name from OpenAPI, so it gets an API Blueprint with the same"
        " calls, written-out URIs, recorded headers, bodies and schemas. Schemas lose `format: password`, at which it gives up."
    ),
    (
        "Prism: `prism proxy --errors --validate-request=false` with the same calls through it; what counts is what Prism says of"
        " answers. That a status is not the one that the call should have is not its business. Its document asks for no"
        " credential, since it would else refuse the anonymous calls itself."
    ),
    (
        f"A tool that ends badly and names nothing, or does not end within {PATIENCE} s, has caught a broken emulator. Of a"
        " permitted one that is slow, taking long says nothing, and is no false alarm. Broken emulators that never answer are"
        " left out: no source says how long an answer may take; and so are permitted ones that wait for half a minute."
    ),
)
