import type { JSX, ReactNode } from "react";

/** A note on where people trip. */
export function Trip({ children }: { readonly children: ReactNode }): JSX.Element {
  return (
    <aside className="trip" aria-label="Where people trip">
      <p>
        <strong>Where people trip</strong>
      </p>
      {children}
    </aside>
  );
}
