/**
 * A browser that translates a page wraps its texts in elements, or puts others in their place. React,
 * which builds Streamlit's pages, then removes a child that is none any more: that throws, and a stack
 * trace stands where the page was (facebook/react#11538). Here such a child is what it has become. All
 * that does not throw stays as it is.
 */

const { removeChild, insertBefore } = Node.prototype;

/** The child of a parent that a node is, or is wrapped in; null if it is not in there at all. */
function within(parent, node) {
  let child = node;
  while (child && child.parentNode !== parent) child = child.parentNode;
  return child;
}

/** @type {any} */
const nodes = Node.prototype;

nodes.removeChild = function (node) {
  const child = node instanceof Node ? within(this, node) : node;
  return child === null ? node : removeChild.call(this, child);
};

nodes.insertBefore = function (added, node) {
  return insertBefore.call(this, added, node instanceof Node ? within(this, node) : node);
};
