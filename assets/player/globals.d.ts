/** What the page's window has beside what every browser's has. */
interface Window {
  /** The plotting library, once it is loaded. */
  Plotly: any;
  /** On a page of its own: decompresses the text of an element. */
  lnlUnpack: (id: string) => Promise<Response>;
  /** The class that this page takes part in, or may. */
  lnlRoom: any;
  /** The player that is on the page, for tests and benchmarks. */
  __player: any;
}

interface Element {
  /** Of a player's element: what the tests read of that player. */
  handle: any;
}
