/** Stands in for prism-react-renderer, which the theme would have on every page to no purpose. */
export const Prism = {};
