"""Runs Autobahn's cases against the WebSocket at sys.argv[1] and prints each one's two verdicts as JSON."""

import asyncio
import json
import sys

import kosoku


async def main():
    try:
        return await kosoku.run_fuzzingclient(sys.argv[1], concurrency=2)
    except kosoku.FailureError as failure:
        # It holds the results of all cases, not only of those that failed.
        return failure.results


def verdict(result):
    return {
        "case": result.case_id,
        "behavior": result.behavior.value,
        "close": result.behavior_close.value,
        "result": f"{result.result} {result.result_close}",
    }


print(json.dumps([verdict(result) for result in asyncio.run(main())]))
