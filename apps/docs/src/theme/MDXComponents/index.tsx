import Original from "@theme-original/MDXComponents";
import type { ComponentProps, ComponentType, JSX } from "react";

/** The theme's table scrolls by itself where it is too wide, so the keyboard must reach it. */
const Table = (props: ComponentProps<"table">): JSX.Element => <table tabIndex={0} {...props} />;

const components: Record<string, ComponentType> = {
  ...(Original as Record<string, ComponentType>),
  table: Table,
};
export default components;
