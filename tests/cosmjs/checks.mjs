// A line a check, and how many passed.
let passed = 0;
let failed = 0;

export async function check(what, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok      ${what}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${what}\n        ${error.stack ?? error}`);
  }
}

// Prints `N passed, N failed` and ends the process, with 1 where one failed.
export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}
